"""Documents as seeds: passages of the user's own texts, each with its exact place.

Enters: a file or folder (``.txt``, ``.md``, ``.jsonl``, ``.parquet``), or nothing: then a small
set written for this package (``sample``). Leaves: numbered passages. ``passages`` cuts, ``files``
reads each kind of file, ``source`` numbers what they give.
"""

from datawell.seeds.documents.source import DocumentSeeds

__all__ = ["DocumentSeeds"]

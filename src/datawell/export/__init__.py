"""The export room: kept records become files that others can train on.

Enters: the rows of a run folder (never a path of another room). Leaves: the dataset as Parquet by
split, training rows as JSONL (``export/<format>/<split>.jsonl``), every dropped row with its reason
(``rejected.parquet``), the label (``label.json``) and the dataset card (``README.md``).

To add an exporter: one module with a class that has ``Params``, ``name`` and ``rows(record)`` (see
``base.py``), one entry-point line under ``datawell.exporters``, one test. Its rows are validated,
split by seed and written by ``write.py``; the exporter only gives them their shape.
"""

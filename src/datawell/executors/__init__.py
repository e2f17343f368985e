"""Where shards run: in this process, or in several.

Enters: a function of one shard and the shards to do. Leaves: its results, as they finish.
An executor knows nothing of rows: ids, keys and bytes are decided elsewhere, so the same recipe
gives the same files on each.

To add one: a module here with a class as in ``base.py``, a line under ``datawell.executors`` in
``pyproject.toml``, and a test that compares its parts with those of ``inline``.
"""

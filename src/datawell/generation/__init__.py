"""The engine: makes the rows of a run, each exactly once, and keeps what was paid for.

Enters: a :class:`~datawell.generation.job.Job` (components by name, root seed, rows) and an
executor. Leaves: a run folder with parts, signatures and corpus decisions, and a ledger in which
every row id has ended as kept or as dropped with a stage and a reason.

Small objects that meet in ``engine.py``: ``job`` (what is to be made), ``scene`` (a task's door to
teachers), ``calls`` (cache, budget, intent, answer, in that order), ``rows`` (one row id to one
row), ``shards`` (rows to files), ``fleet`` (many rows in flight), ``corpus`` (signatures and
decisions), ``progress``. Nothing here is added to; new kinds of work are tasks, teachers, checks.
"""

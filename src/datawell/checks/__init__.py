"""The checks room: keep or drop, with a reason.

Enters: a finished :class:`~datawell.core.records.Record` (its text, its turns, its plan).
Leaves: a :class:`~datawell.core.records.Verdict` with keep, a short stable reason code, a score and
evidence spans; dropped rows stay readable in ``rejected.parquet``.

A *row check* sees one record (``examine``). A *corpus check* compares records: it signs each where
the row is made and decides once over all signatures (``sign``, ``decide``). Both are described in
``base.py``. To add one: a module with a class, its ``Params``, ``name`` and ``version``; an
entry-point line under ``datawell.checks``; a test that feeds it the bad value. Checks know nothing
of tasks and teachers: what should be there, they read from the plan.
"""

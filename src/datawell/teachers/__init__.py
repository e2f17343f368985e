"""Who writes.

Enters: a :class:`~datawell.teachers.base.Request` (exact messages, a sample name, settings).
Leaves: a raw :class:`~datawell.teachers.base.Answer`, read apart into a ``Reply`` by ``parse``.
``builtin`` is a grammar (no neural model), ``openai`` any OpenAI-compatible endpoint,
``replay`` recorded answers. Endpoint and price facts are data (``endpoints.yaml``).
``limits`` is the only file that waits, retries or limits concurrency, and the only one that
turns a foreign failure into one of ours; ``wire`` the only one that speaks HTTP.
To add a teacher: one module with a class that has ``Params``, ``send``, ``parse`` and ``close``,
one line under ``[project.entry-points."datawell.teachers"]``, one test.
"""

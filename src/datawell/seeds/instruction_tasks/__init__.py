"""What new instructions begin with: seed tasks, a tree of topics with facts, personas.

All of it is data, written for this package: ``seed_tasks.jsonl`` (one ``instruction`` a line, and
the ``category`` it belongs to), ``personas.txt`` (one a line), ``topics/`` (one domain a file;
:mod:`datawell.seeds.instruction_tasks.topics` says how a file is read).
"""

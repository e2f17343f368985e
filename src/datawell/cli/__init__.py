"""The command line: one file a verb, each calling the public Python API.

Enters: arguments. Leaves: text on stdout (one JSON object with ``--json``), progress on stderr,
and an exit code: 0 ok, 1 a check or guard failed, 2 usage or recipe, 3 budget spent,
4 an outside resource failed, 130 interrupted; the last three can be resumed.

To add a verb: a module with a ``command`` function here, and one line in ``main.py``.
"""

"""The production engine on a machine made of one random seed: its clock, network and disk.

``loop`` is an event loop whose time is virtual and whose connections end in ``provider``, an
endpoint that speaks HTTP byte for byte, fails in every way known, and keeps a bill of its own.
``disk`` holds every write that was not synced in doubt, and ``vfs`` puts SQLite on that disk.
``world`` swaps these in under unchanged production code; ``simulate`` lives through one seed,
crashes and all, and ``invariants`` says what must hold afterwards.
"""

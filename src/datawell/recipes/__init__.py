"""What is wanted, as data.

Enters: a YAML file (or a shipped name) and overrides. Leaves: a frozen :class:`Recipe`, its
fingerprint, its JSON schema, its lock file.

``document`` reads YAML and remembers lines, ``overrides`` applies ``--set``, ``validate`` finds
every problem at once, ``load`` puts the three together, ``fingerprint`` says what a change
invalidates, ``lock`` writes it down. To add a key: a field in ``model.py`` with its docstring. To
ship a recipe: a commented file in ``shipped/``.
"""

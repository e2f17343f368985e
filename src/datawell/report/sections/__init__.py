"""The sections of a report, one module each; see ``base.py`` for what a section is."""

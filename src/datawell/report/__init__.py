"""The report room: one self-contained HTML page about a run.

Enters: a run folder, read through ``core`` alone (rows, ledger, ``label.json``, the student's JSON
files). Leaves: ``report.html``, which needs no network, no script and no font of its own.

Whatever a model wrote is shown as escaped text and nothing else. To add a section: one module in
``sections/`` with ``build(facts) -> Section | None``, its template beside the others in
``templates/``, and its name in ``build.SECTIONS``. A section without data leaves itself out.
"""

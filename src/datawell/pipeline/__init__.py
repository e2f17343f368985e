"""The order of the flow; the one room that knows every other.

Enters: a recipe. Leaves: a run folder with its dataset, student, label and report.

``plan`` turns a recipe into components and a job, ``estimate`` says what it would cost,
``preview`` shows a few rows, ``execute`` runs the stages (generate, decide, export, train, label,
report), ``runs`` opens, lists and compares finished runs, ``students`` trains and evaluates.
To add a stage, write its function in ``execute`` where the flow has its place.
"""

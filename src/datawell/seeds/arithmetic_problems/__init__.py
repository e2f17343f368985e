"""Word problems with exact solution steps.

Enters: nothing (the generator's families are drawn by a random stream) or a worked solution in
prose (``solutions``). Leaves: a ``problem.Problem``, whose steps are expressions (``expressions``)
that compute exactly, the last one to the answer.

To add a family of problems: write a function ``Random -> Problem`` in one of the ``families_*``
modules and name it in that module's ``FAMILIES``; the tests take it up from there.
"""

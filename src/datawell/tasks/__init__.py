"""Kinds of data: a task turns a seed into a plan that is true by construction, and voices it.

Enters: a :class:`datawell.core.records.Seed` and a random stream; a ``Scene``, the only door to
teachers. Leaves: a :class:`datawell.tasks.base.Draft`: text, prompt, turns and the plan as told.

To add a task: one module or package with a class as :class:`datawell.tasks.base.Task` describes
(``Params``, ``roles``, ``version``, ``plan``, ``voice``), one line under ``datawell.tasks`` in
``pyproject.toml``, one test. A seed it cannot use raises ``PlanFault``, an answer it cannot read
``VoiceFault``: the row is dropped with that reason.
"""

"""Instructions with answers: seed tasks → new instructions → harder ones → answers.

Enters: seed tasks, a topic with what is known of it, a persona (``datawell.seeds.tasks``).
Leaves: an instruction with constraints a program can verify, its answer, and a plan that holds
every intermediate instruction with the operator that made it.

``forms/`` makes instructions with right answers from facts (that is what the built-in teacher
voices), ``operators.yaml`` and ``prompts/`` are what a language model is asked, ``drawing.py``
draws constraints, ``realise.py`` puts the built-in answer into their form.
"""

from datawell.tasks.instructions.task import Instructions

__all__ = ["Instructions"]

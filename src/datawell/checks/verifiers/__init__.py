"""One verifier for each kind of constraint that ``core/constraints.yaml`` defines.

Enters: a text and the constraint's arguments. Leaves: what is wrong, empty when it holds.

They share no code with the task that asks for constraints: what a word or a sentence is, they read
from the definitions. To add a kind: an entry in ``core/constraints.yaml``, a function here under
``@verifies``, examples that hold and that do not in its test.
"""

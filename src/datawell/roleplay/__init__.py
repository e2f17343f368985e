"""Two roles in one conversation, each with its own knowledge.

Enters: a cast (:class:`~datawell.roleplay.cast.Role`: a name and a private system message), a
built-in voice for each role, and an ending (``endings``: a predicate of the task that says when the
goal is reached). Leaves: a :class:`~datawell.roleplay.relay.Conversation`: the turns, and for each
role the exact messages it was shown (``views``).

The room knows no subject: what is said, and what reaching the goal means, comes from the task. To
use it in a new task, write two voices (turns so far → an utterance) and a goal.
"""

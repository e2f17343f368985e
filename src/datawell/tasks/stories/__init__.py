"""Stories in a child's vocabulary: a plan in a simulated world, put into words by any writer.

Enters: a seed with a required noun, verb and adjective (``datawell.seeds.words``).
Leaves: a story whose plan says who did what, why, where the text tells it, and which features
(dialogue, twist, bad ending, moral, foreshadowing, conflict) a reader must find in it.

The content lives in ``data/``: ``families`` (what goes wrong and how it ends), ``topics`` (where),
``common`` (openings, meetings, endings), ``frames`` (how single words are used) and ``fields.txt``.
``EVENTS.md`` describes the events. To add a family, write one into ``data/families``.
"""

from datawell.tasks.stories.task import Stories

__all__ = ["Stories"]

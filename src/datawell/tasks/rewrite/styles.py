"""The styles: what each asks for, what it must keep, and how it is done without a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from datawell.tasks.rewrite import shape, words

Keeps = Literal["all", "some"]


@dataclass(frozen=True, slots=True)
class Style:
    """A way of writing. ``keeps`` says whether everything must be kept, or a choice of it.

    ``rewrite`` carries it out, and gives None for a text it would not change; a style without it
    needs a language model.
    """

    instruction: str
    keeps: Keeps = "all"
    rewrite: Callable[[str], str | None] | None = None


STYLES: dict[str, Style] = {
    "plain_words": Style(
        "Use plain words: replace each hard or official word by an everyday one.",
        rewrite=words.plain_words,
    ),
    "full_forms": Style(
        "Write out all short forms, such as “don't”, for a formal text.", rewrite=words.full_forms
    ),
    "short_forms": Style(
        "Make it sound like everyday speech: use short forms such as “don't” and “it's”.",
        rewrite=words.short_forms,
    ),
    "short_sentences": Style(
        "Use short sentences: split each sentence that says two things.",
        rewrite=shape.short_sentences,
    ),
    "bullet_list": Style(
        "Write it as a list with one point a line, each beginning with “- ”.",
        rewrite=shape.bullet_list,
    ),
    "key_facts": Style(
        "List only the facts with numbers, one a line, each beginning with “- ”.",
        keeps="some",
        rewrite=shape.key_facts,
    ),
    "summary": Style(
        "Shorten it to less than half: keep what matters most.",
        keeps="some",
        rewrite=shape.summary,
    ),
    "for_children": Style("Rewrite it so that a child of nine can read it with ease."),
    "encyclopedia": Style("Rewrite it in the sober style of an encyclopedia."),
    "news_report": Style("Rewrite it as a short news report, the most important fact first."),
    "conversation": Style("Rewrite it as a conversation between two people, one asking."),
    "letter": Style("Rewrite it as a friendly letter that tells a friend all of it."),
}
"""The styles by name."""

PROCEDURES = tuple(name for name, style in STYLES.items() if style.rewrite is not None)
"""The styles the built-in voice can carry out."""

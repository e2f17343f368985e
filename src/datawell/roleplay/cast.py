"""Who takes part: a role is a name and what it alone is told."""

from __future__ import annotations

from dataclasses import dataclass

OPENER = "Please begin the conversation."
"""What a role reads as the user's first message when it speaks first. Providers and trainers expect
a user turn before an assistant turn; the opener is added, and no turn is ever dropped for it."""


@dataclass(frozen=True, slots=True)
class Role:
    """A participant. ``system`` is its private knowledge: no other role's view contains it."""

    name: str
    system: str
    opener: str = OPENER


def briefing(persona: str, *sections: tuple[str, str], rules: tuple[str, ...] = ()) -> str:
    """A system message: who the role is, what it knows under headings, and the rules it keeps."""
    blocks = [persona]
    blocks += [f"## {title}\n{body}" for title, body in sections]
    if rules:
        blocks.append("## Rules\n" + "\n".join(f"- {rule}" for rule in rules))
    return "\n\n".join(blocks)

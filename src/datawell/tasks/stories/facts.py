"""Questions with exact answers, read off the events of a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# action -> (question, answer), filled from the event's own fields.
_QUESTIONS = {
    "own": ("What did {actor} have?", "a {object}"),
    "go": ("Where did {actor} go?", "{place}"),
    "meet": ("Who met {actor}?", "{with}"),
    "find": ("Where was the {object}?", "{place}"),
    "stick": ("Where did the {object} get stuck?", "{place}"),
    "fall": ("Where did the {object} fall?", "{place}"),
    "forget": ("Where did {of} forget the {object}?", "{place}"),
    "lock": ("Where was the {object} locked?", "{place}"),
    "take": ("Who took the {object}?", "{actor}"),
    "break": ("What broke?", "the {object}"),
    "soil": ("What got dirty?", "the {object}"),
    "mend": ("Who mended the {object}?", "{actor}"),
    "clean": ("Who cleaned the {object}?", "{actor}"),
    "give": ("Who got the {object} from {actor}?", "{to}"),
    "fetch": ("What did {actor} fetch?", "{tool}"),
    "recover": ("Who got the {object} back?", "{actor}"),
    "quarrel": ("Who quarreled with {actor}?", "{with}"),
    "clash": ("Who quarreled with {actor}?", "{with}"),
}


def facts_of(events: Sequence[Mapping[str, Any]], slots: Mapping[str, str]) -> list[dict[str, str]]:
    """One question for each event that has an exact answer, and how the hero felt at the end."""
    found = []
    for event in events:
        pair = _QUESTIONS.get(event["action"])
        if pair and event.get("actor") != "they":
            question, answer = (part.format_map(event) for part in pair)
            answer = "an" + answer[1:] if answer[:2] == "a " and answer[2] in "aeiou" else answer
            found.append({"question": question, "answer": answer})
    last = {e["action"] for e in events}
    feeling = "sad" if "grieve" in last else "happy"
    found.append({"question": f"How did {slots['H']} feel at the end?", "answer": feeling})
    return found

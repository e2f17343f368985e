"""The plan as a request: chat messages for a writer, and the Instruct variant's prompt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from datawell.core.records import Message, Plan

PARTS = ("words", "features", "sentence", "summary")
_HIDDEN = frozenset({"id", "action", "because", "beat", "paragraph", "slots", "span"})
_SENTENCE = re.compile(r'[^.!?"]+[.!?]')
_FEATURE_RULES = {
    "dialogue": "dialogue: {speakers} speak at least twice in all, in double quotes",
    "twist": "a twist: first expected ({expected}), then something else happens ({actual}); "
    "use one word of each list",
    "bad ending": "a bad ending: the last paragraph is sad (use one of: {words})",
    "moral": "a moral, near the end: {lesson}",
    "foreshadowing": "foreshadowing: mention {early} near the beginning and {late} later",
    "conflict": "a conflict between {between} over the {over} (use one of: {words})",
}


def _listed(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def feature_line(name: str, witness: Mapping[str, Any]) -> str:
    """One feature as a request that names its witness words."""
    details = {key: _listed(value) for key, value in witness.items()}
    return _FEATURE_RULES[name].format(**details)


def event_line(event: Mapping[str, Any]) -> str:
    """One event as a line a writer can follow: what happens, to whom, and why."""
    details = ", ".join(f"{key}: {value}" for key, value in event.items() if key not in _HIDDEN)
    frame = event.get("slots", {}).get("frame") or event.get("slots", {}).get("vd")
    details = ", ".join(part for part in (details, frame) if part)
    because = event["because"]
    cause = f" (because of {', '.join(str(number) for number in because)})" if because else ""
    return f"{event['id']}. {event['action'].replace('_', ' ')}: {details}{cause}"


def writer_messages(plan: Plan, vocabulary: str) -> list[Message]:
    """The exact messages that ask a writer for this story."""
    low, high = plan["length"]
    required = plan["required"]
    people = "\n".join(
        f"- {c['name']}: {c['kind']}, {c['pronoun']}, wants to {c['want']}"
        for c in plan["characters"]
    )
    features = "\n".join(f"- {feature_line(k, v)}" for k, v in plan["features"].items())
    events = "\n".join(event_line(e) for e in plan["events"] if e["action"] != "notice")
    known = (
        "words a four-year-old knows" if vocabulary == "child" else f"the vocabulary {vocabulary!r}"
    )
    system = (
        "You write short stories for small children. Use only "
        f"{known}: short, common words, no numbers in digits. Past tense, correct grammar. "
        "Answer with the story alone: no title, no list, no remark."
    )
    request = (
        f"Write a story of {low} to {high} words in several paragraphs with a blank line between.\n"
        f"It must use the noun {required['noun']!r}, the verb {required['verb']!r} and the "
        f"adjective {required['adjective']!r} (any form of each).\n\n"
        f"Characters:\n{people}\n\n"
        f"Summary: {plan['summary']}\nThe ending is {plan['ending']}.\n\n"
        f"Features:\n{features or '- none'}\n\n"
        f"What happens, in this order:\n{events}"
    )
    return [{"role": "system", "content": system}, {"role": "user", "content": request}]


def instruct(plan: Plan, random: Random) -> dict[str, Any]:
    """Which parts the instruction gives, in which order (at least one; drawn at random)."""
    able = [part for part in PARTS if part != "features" or plan["features"]]
    order = random.sample(able, 1 + int(random.random() * len(able)))
    required = plan["required"]
    return {
        "words": [required["verb"], required["noun"], required["adjective"]],
        "features": sorted(plan["features"]),
        "sentence": "",
        "summary": plan["summary"],
        "order": order,
        "pick": random.random(),
    }


def _a_sentence(text: str, pick: float) -> str:
    """A sentence of the text without quotes, chosen by a number in [0, 1)."""
    found = [s.strip() for line in text.split("\n") for s in _SENTENCE.findall(line)]
    plain: list[str] = [s for s in found if 4 <= len(s.split()) <= 16 and s in text] or [
        text.split("\n")[0]
    ]
    return plain[int(pick * len(plain))]


def finish_instruct(plan: Plan, text: str) -> tuple[dict[str, Any], str]:
    """The instruction of a told story: its record for the plan, and the prompt."""
    done = dict(plan["instruct"])
    done["sentence"] = _a_sentence(text, done.pop("pick"))
    lines: Sequence[str] = [
        f"{part.capitalize()}: {', '.join(v) if isinstance(v := done[part], list) else v}"
        for part in done["order"]
    ]
    return done, "\n".join(lines) + "\nStory:"

"""Do the built-in stories tell their plans? A second reader recounts each text against its events.

    python benchmarks/stories_recount.py [STORIES]

Makes the stories by the public interface, reads each with the tests' own reader
(``tests/tasks/stories/recount.py``), and prints one JSON object: stories, contradictions by kind,
examples; and, so that the reader is known to be able to fail, how many of the stories that were
spoiled on purpose it noticed, by kind of damage.
"""

from __future__ import annotations

import argparse
import copy
import json
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import datawell

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.tasks.stories.recount import Contradiction, recount

Plan = dict[str, Any]
Told = tuple[str, Plan]
Span = tuple[int, int]

SPOILED = 100
EXAMPLES = 5
STRANGERS = {"he": "Gustav", "she": "Ingrid"}
THINGS = ("anchor", "lamp", "saddle", "violin")
FLIPPED = {"he": "she", "she": "he", "his": "her", "her": "his", "him": "her", "hers": "his"} | {
    "himself": "herself",
    "herself": "himself",
}
HELPING = {"comfort", "offer", "fetch", "find", "recover", "mend", "clean", "give", "solve", "come"}
GONE = {"lose", "stick", "fall", "take", "forget", "lock"}
BACK = {"find", "recover"}


def stories(count: int) -> list[Told]:
    """What the shipped recipe keeps of ``count`` rows told by the built-in voice."""
    with tempfile.TemporaryDirectory() as folder:
        run = datawell.run(
            "stories", rows=count, out=folder, overrides=["student=null", "report=null"]
        )
        return [(record.text, record.plan) for record in run.kept]


def places(plan: Plan, actions: set[str]) -> list[tuple[dict[str, Any], Span]]:
    """The events of these kinds with their spans."""
    chosen = [event for event in plan["events"] if event["action"] in actions]
    return [(event, (event["span"][0], event["span"][1])) for event in chosen]


def rewritten(story: Told, changed: Mapping[Span, str]) -> Told:
    """The story with other words at some spans; every event stays at its place in the order."""
    text, plan = story[0], copy.deepcopy(story[1])
    spans = sorted({(e["span"][0], e["span"][1]) for e in plan["events"]})
    parts, moved, at, size = [], {}, 0, 0
    for start, end in spans:
        piece = changed.get((start, end), text[start:end])
        parts += [text[at:start], piece]
        size += start - at
        moved[start, end] = [size, size + len(piece)]
        at, size = end, size + len(piece)
    for event in plan["events"]:
        event["span"] = moved[event["span"][0], event["span"][1]]
    return "".join([*parts, text[at:]]), plan


def swapped(story: Told, rng: Random, _: Told) -> Told | None:
    """A cause and its effect change places."""
    text, plan = story
    spans = {event["id"]: (event["span"][0], event["span"][1]) for event in plan["events"]}
    pairs = [
        (spans[cause], spans[event["id"]])
        for event in plan["events"]
        for cause in event["because"]
        if spans[cause] != spans[event["id"]]
    ]
    one, two = rng.choice(pairs)
    return rewritten(story, {one: text[slice(*two)], two: text[slice(*one)]})


def renamed(story: Told, rng: Random, _: Told) -> Told | None:
    """Once, a helper is somebody else."""
    text, plan = story
    hero = plan["characters"][0]["name"]
    pronouns = {c["name"]: c["pronoun"] for c in plan["characters"]}
    chosen = [
        (event["actor"], span)
        for event, span in places(plan, HELPING)
        if event["actor"] != hero and re.search(rf"\b{event['actor']}\b", text[slice(*span)])
    ]
    if not chosen:
        return None
    who, span = rng.choice(chosen)
    other = STRANGERS[pronouns[who]] if who[0].isupper() else "wizard"
    return rewritten(story, {span: re.sub(rf"\b{who}\b", other, text[slice(*span)])})


def replaced(story: Told, rng: Random, _: Told) -> Told | None:
    """Another thing than the lost, broken or stained one is found, mended, cleaned."""
    text, plan = story
    chosen = places(plan, {"find", "recover", "mend", "clean"})
    if not chosen:
        return None
    event, span = rng.choice(chosen)
    thing = rng.choice([thing for thing in THINGS if thing != event["object"]])
    return rewritten(story, {span: re.sub(rf"\b{event['object']}\b", thing, text[slice(*span)])})


def _lost(plan: Plan) -> tuple[list[Span], Span, Span] | None:
    """All spans in order, that of the losing, that of the finding."""
    gone, back = places(plan, GONE), places(plan, BACK)
    if not gone or not back:
        return None
    spans = sorted({(e["span"][0], e["span"][1]) for e in plan["events"]})
    return spans, gone[0][1], back[-1][1]


def early(story: Told, _rng: Random, _: Told) -> Told | None:
    """The finding is told before the losing; everything between moves on by one."""
    if (lost := _lost(story[1])) is None:
        return None
    spans, gone, back = lost
    window = spans[spans.index(gone) : spans.index(back) + 1]
    pieces = [story[0][slice(*span)] for span in [window[-1], *window[:-1]]]
    return rewritten(story, dict(zip(window, pieces, strict=True)))


def held(story: Told, rng: Random, _: Told) -> Told | None:
    """Somebody has the object in hand while it is gone."""
    if (lost := _lost(story[1])) is None:
        return None
    spans, gone, back = lost
    between = spans[spans.index(gone) + 1 : spans.index(back)]
    if not between:
        return None
    span, name = rng.choice(between), rng.choice(story[1]["characters"][:2])["name"]
    thing = next(e["object"] for e in story[1]["events"] if e["action"] == "own")
    how = rng.choice(["held the {} tight", "waved the {}", "gave the {} a kiss"]).format(thing)
    return rewritten(story, {span: f"{story[0][slice(*span)]} {name} {how}."})


def flipped(story: Told, rng: Random, _: Told) -> Told | None:
    """In one sentence about the hero alone, *he* becomes *she* (or the other way)."""
    text, plan = story
    others = [c["name"] for c in plan["characters"][1:]]
    pronoun = re.compile(rf"\b({'|'.join(FLIPPED)})\b", re.IGNORECASE)
    chosen = [
        span
        for event, span in places(plan, {"own", "worry", "go", "lose", "rejoice", "grieve", "keep"})
        if not any(re.search(rf"\b{who}\b", text[slice(*span)]) for who in others)
        and pronoun.search(text[slice(*span)])
    ]
    if not chosen:
        return None

    def other(match: re.Match[str]) -> str:
        word = FLIPPED[match.group().lower()]
        return word.capitalize() if match.group()[0].isupper() else word

    span = rng.choice(chosen)
    return rewritten(story, {span: pronoun.sub(other, text[slice(*span)])})


def turned(story: Told, _rng: Random, donor: Told) -> Told | None:
    """The hero feels at the end what the hero of a story with the other ending felt."""
    if story[1]["ending"] == donor[1]["ending"]:
        return None
    mine, theirs = (places(told[1], {"rejoice", "grieve"}) for told in (story, donor))
    piece = donor[0][slice(*theirs[0][1])]
    for ours, other in zip(story[1]["characters"][:2], donor[1]["characters"][:2], strict=True):
        piece = re.sub(rf"\b{other['name']}\b", ours["name"], piece)
    return rewritten(story, {mine[0][1]: piece})


DAMAGE: dict[str, Callable[[Told, Random, Told], Told | None]] = {
    "cause and effect swapped": swapped,
    "helper renamed": renamed,
    "another object recovered": replaced,
    "found before lost": early,
    "held while gone": held,
    "he and she flipped": flipped,
    "ending turned": turned,
}


def mutants(told: list[Told], wanted: int) -> Iterator[tuple[str, Told, Told]]:
    """Stories with one fault planted: its kind, the story as it was, the spoiled one."""
    for kind, damage in DAMAGE.items():
        rng, planted = Random(kind), 0
        for story in told:
            if planted == wanted:
                break
            spoiled = damage(story, rng, rng.choice(told))
            if spoiled is not None and spoiled[0] != story[0]:
                planted += 1
                yield kind, story, spoiled


def noticed(story: Told, spoiled: Told) -> bool:
    """Whether the reader finds something in the spoiled story that was not in the story."""

    def seen(told: Told) -> set[tuple[str, int | None, str, str]]:
        return {(one.kind, one.event, one.note, one.sentence) for one in recount(*told)}

    return bool(seen(spoiled) - seen(story))


def report(told: list[Told], spoiled: int = SPOILED) -> dict[str, Any]:
    """All figures, ready for JSON."""
    found: dict[str, list[Contradiction]] = defaultdict(list)
    with_any = 0
    for text, plan in told:
        contradictions = recount(text, plan)
        with_any += bool(contradictions)
        for each in contradictions:
            found[each.kind].append(each)
    caught, planted = Counter[str](), Counter[str]()
    for kind, story, mutant in mutants(told, spoiled):
        planted[kind] += 1
        caught[kind] += noticed(story, mutant)
    return {
        "stories": len(told),
        "with_contradictions": with_any,
        "contradictions": {kind: len(each) for kind, each in sorted(found.items())},
        "examples": {
            kind: [[one.sentence, one.note] for one in each[:EXAMPLES]]
            for kind, each in sorted(found.items())
        },
        "mutants": {
            kind: {"planted": count, "caught": caught[kind]} for kind, count in planted.items()
        },
    }


def main() -> None:
    """Recount and print; the exit status says whether the stories are without contradiction."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("stories", type=int, nargs="?", default=500)
    result = report(stories(parser.parse_args().stories))
    print(json.dumps(result, indent=2))
    sys.exit(bool(result["with_contradictions"]))


if __name__ == "__main__":
    main()

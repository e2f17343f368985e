"""The built-in voice: puts a plan into words and says where each event is told.

It draws a wording for every event, begins some clauses with a lead, fuses a cause with its effect,
and keeps the place of every sentence, so that the text can be held against the plan.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from datawell.core.records import Plan
from datawell.tasks.stories.grammar import Expander, Template, sentence
from datawell.tasks.stories.library import library, nodes
from datawell.tasks.stories.pronouns import Pronouns

_SIMPLE_LIMIT = 70
_LONG_SENTENCE = 70
# A clause with one of these is already a whole sentence.
_JOINED = re.compile(r"[,:?]| (?:but|so|and then|because|for it|when) ")
# A clause that opens with a time, a place or another clause takes no lead before it.
_OPENED = re.compile(
    r"(?:after|when|because|once|as|by|in|on|at|with|until|while|there|then|soon|one|another|next"
    r"|the next|the more|before|nobody|no one|all|every|another|halfway|line after|step by|bit by"
    r"|little by|again and|day after|from|where|up|along|behind|under|beside|near|between|inside"
    r"|bang|without)\b"
)
# A lead that is a conjunction or one short adverb takes no comma.
_BARE_LEADS = frozenset({"but", "so", "then", "soon", "now", "but soon", "but then", "and then"})
_PEOPLE = ("actor", "with", "to", "of")
_ENTRANCES = frozenset({"appear", "meet", "come"})
_REACTIONS = frozenset({"worry", "rejoice", "grieve"})


@dataclass(frozen=True, slots=True)
class Told:
    """A story, and for each event (by position) the characters that tell it."""

    text: str
    spans: list[tuple[int, int]]


@dataclass(slots=True)
class _Said:
    text: str
    clause: bool
    events: list[int]


def voice(plan: Plan, random: Random, brevity: int = 1) -> Told:
    """Tell the plan. Equal plan and random state give equal words.

    A sentence that comes out long is drawn again up to ``brevity`` times, and the shortest kept;
    with a negative ``brevity`` every sentence is drawn again, and the longest kept.
    """
    speaker = _Speaker(plan, random, brevity)
    events: Sequence[dict[str, Any]] = plan["events"]
    said: list[list[_Said]] = []
    paragraph = -1
    for at, event in enumerate(events):
        if event["paragraph"] != paragraph:
            paragraph = event["paragraph"]
            said.append([])
        said[-1].append(speaker.say(at, event))
    return _join([speaker.fuse(sentences, events) for sentences in said], len(events))


def _simple(clause: str) -> bool:
    """True for a clause short and plain enough to be half of a sentence."""
    return len(clause) < _SIMPLE_LIMIT and not _JOINED.search(clause)


class _Speaker:
    """Draws the wording of one story."""

    def __init__(self, plan: Plan, random: Random, brevity: int) -> None:
        self.brevity = brevity
        self.long = _LONG_SENTENCE - 10 * (brevity - 1) if brevity > 0 else 0
        lib = library()
        self.beats, self.draw = lib.beats, random.random
        self.quotes = "dialogue" in plan["features"]
        self.slots: dict[str, str] = plan["slots"]
        banned = frozenset(self.slots[k] for k in ("o", "Hk", "Fk", "G"))
        self.expander = Expander(self.slots, lib.fields, random.random, banned)
        self.leads = lib.fields
        self.led: set[str] = set()
        pair = plan["characters"][:2]
        names = {c["name"]: c["pronoun"] for c in pair}
        self.pronouns = Pronouns(names, [c["kind"] for c in pair], random.random)

    def say(self, at: int, event: dict[str, Any]) -> _Said:
        beat = self.beats[event["beat"]]
        choice: Sequence[Template] = beat.templates if self.quotes else beat.plain
        own = event.get("slots")
        self.expander.slots = {**self.slots, **own} if own else self.slots
        template = choice[int(self.draw() * len(choice))]
        text = self.expander.text(template.nodes)
        for _ in range(abs(self.brevity)):
            if len(text) < self.long:
                break
            other = choice[int(self.draw() * len(choice))]
            again = self.expander.text(other.nodes)
            if (len(again) < len(text)) == (self.brevity > 0):
                template, text = other, again
        return _Said(text, template.clause, [at])

    def fuse(self, said: list[_Said], events: Sequence[dict[str, Any]]) -> list[_Said]:
        """Join causes to their effects here and there; make sentences of the rest."""
        out: list[_Said] = []
        for one in said:
            last = out[-1] if out else None
            if (
                last is not None
                and last.clause
                and one.clause
                and len(last.events) == 1
                and _simple(last.text)
                and _simple(one.text)
                and events[last.events[0]]["id"] in events[one.events[0]]["because"]
                and self.draw() < 0.4
            ):
                action = events[one.events[0]]["action"]
                source = "fuse_feel" if action in _REACTIONS else "fuse_act"
                joined = self._joined(self.leads[source], last.text, one.text)
                out[-1] = _Said(joined, False, [*last.events, *one.events])
            else:
                out.append(one)
        for one in out:
            if one.clause:
                one.text = self._led(one, events)
            one.text = sentence(one.text)
        self.pronouns.paragraph()
        for one in out:
            told = [events[at] for at in one.events if events[at]["action"] not in _ENTRANCES]
            people = {event.get(role) for event in told for role in _PEOPLE}
            one.text = self.pronouns.told(one.text, people)
        return out

    def _joined(self, patterns: Sequence[str], cause: str, effect: str) -> str:
        pattern = patterns[int(self.draw() * len(patterns))]
        return pattern.replace("[1]", cause).replace("[2]", effect)

    def _led(self, one: _Said, events: Sequence[dict[str, Any]]) -> str:
        leads = self.leads.get("lead_" + events[one.events[0]]["action"])
        if not leads or self.draw() < 0.5 or _OPENED.match(one.text):
            return one.text
        lead = self.expander.text(nodes(leads[int(self.draw() * len(leads))]))
        if lead in self.led or (lead.startswith("but") and " but " in one.text):
            return one.text
        self.led.add(lead)
        comma = "" if lead[-1] in ",:" or lead in _BARE_LEADS else ","
        return f"{lead}{comma} {one.text}"


def _join(paragraphs: list[list[_Said]], count: int) -> Told:
    spans: list[tuple[int, int]] = [(0, 0)] * count
    pieces: list[str] = []
    at = 0
    for number, sentences in enumerate(paragraphs):
        if number:
            pieces.append("\n\n")
            at += 2
        for place, one in enumerate(sentences):
            if place:
                pieces.append(" ")
                at += 1
            pieces.append(one.text)
            for event in one.events:
                spans[event] = (at, at + len(one.text))
            at += len(one.text)
    return Told("".join(pieces), spans)

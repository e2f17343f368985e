"""Does each speaker stay in its role?

Who spoke is data (``Turn.role``), never a text prefix; a prefix in the text is itself an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pydantic import Field as Bounded

from datawell.core.params import Params
from datawell.core.records import Record, Span, Turn, Verdict, turn_offsets

_NAMES = "tutor|teacher|learner|student|pupil|user|assistant|human|ai|system|coach|instructor|child"
_MODEL = re.compile(
    r"\b(?:as an? (?:ai|artificial intelligence|(?:large )?language model|(?:ai )?assistant)\b"
    r"|i(?:'m| am) (?:just |only )?an? (?:ai|language model|virtual|artificial)"
    r"|my (?:training data|system prompt|instructions)"
    r"|as (?:the|a|your) (?:tutor|learner|student),? i"
    r"|(?:in|for) this role-?play|stay in character)",
    re.IGNORECASE,
)
# What a tutor says and a learner does not, with a weight; and the other way round. Signs of acts
# (asking, praising, inviting; working, owning, doubting), not of topics.
_TUTOR_CUES: tuple[tuple[str, float], ...] = (
    (r"\b(?:your|you(?:'ve|'re|'ll|'d)?)\b", 0.7),
    (r"\b(?:can|could|would) you (?!give me|help|explain again|repeat)\w+", 1.0),
    (
        r"\bwhat (?:do|did|would|will|were|are) you\b|\bhow (?:did|do|would|could|can|will) you\b",
        1.5,
    ),
    (r"\b(?:let'?s|let us)\b", 1.0),
    (
        r"\b(?:try|look|think|check|remember|read|redo|show|tell|write|explain|notice|consider)\b"
        r" (?!i\b)(?:me|at|about|again|that|it|the|your|how|down|back|what)\b",
        0.9,
    ),
    (
        r"\b(?:well done|good (?:job|work|thinking)|great|excellent|exactly|perfect|nice(?:ly)?|"
        r"correct|that'?s (?:it|right|correct)|good (?:that|question))\b",
        1.0,
    ),
    (r"^(?:hi|hello|welcome)\b.*\b(?:solution|answer|steps?|problem|work|calculation)\b", 1.5),
    (r"\bplease\b|\bhave another go\b|\bhere is a hint\b", 0.7),
    (r"\b(?:thank you|thanks) for (?:show|shar|explain|being|your|writ|walk)\w*", 1.2),
    (
        r"\bi (?:see|understand) (?:what|how|why) you\b|\bi can see\b|\bi like how\b|\bi agree\b"
        r"|\bi'?m curious\b|\bi'?d like to (?:hear|see)\b",
        1.6,
    ),
    (r"\b(?:is|are) (?:right|correct|fine)\b(?!\?)", 0.8),
    (r"\b(?:what|where|which|why|how|does|do|is|can|may|should)\b[^.!?]*\?", 0.7),
    (r"\?\s*$", 0.5),
)
_LEARNER_CUES: tuple[tuple[str, float], ...] = (
    (r"\b(?:i|i'm|i've|i'd|i'll)\b", 0.6),
    (r"\bmy\b", 0.8),
    (
        r"\bi (?:got|get|did|think|thought|added|subtracted|divided|multiplied|took|started|found"
        r"|have|still|just|don'?t|forgot|need|calculated|counted|wrote|worked|used|would still)\b",
        1.2,
    ),
    (r"\blet me (?:redo|fix|explain|see|try|think)\b|\bi'?ll (?:fix|try|redo)\b|\bgot it\b", 1.2),
    (r"\bnow i get\b|\bso i (?:write|have|need|get)\b|\bi'?m (?:a bit )?(?:lost|confused)\b", 1.0),
    (r"\b(?:so|then) (?:the answer|it'?s|my)\b|\bthe answer is\b|\bi'?m not sure\b", 1.0),
    (r"^(?:oh|oops|um+|hm+|ah|okay|ok|got it|i see|wait|sure|yes)\b", 0.8),
    (r"\b(?:can|could) you (?:give me|help|explain again|repeat)|\bhelp me\b", 1.8),
    (r"\bdo you mean\b|\bshould i\b|\bdo i\b|\bwhat (?:should|do) i\b", 1.8),
    (r"\b(?:first|then|next|after that|to start|now),? i?\b[^.?!]*=", 1.2),
    (r"[0-9)] ?[-+*/×÷x−] ?[($£€]?[0-9][^=?]*=", 0.8),
    (r"\bthank(?:s| you)(?! for (?:show|being|explain|your|writ)\w*)\b", 0.4),
)


def _compile(cues: Sequence[tuple[str, float]]) -> tuple[tuple[re.Pattern[str], float], ...]:
    return tuple((re.compile(cue, re.IGNORECASE), weight) for cue, weight in cues)


_TUTOR, _LEARNER = _compile(_TUTOR_CUES), _compile(_LEARNER_CUES)
_MAX_COUNT = 2
_READ = 3000  # characters of a turn that are looked at
_UNSURE = 1.0  # a turn that sounds more like its own role than this is no part of a swap


class RolesKept:
    """Drops a dialogue in which somebody leaves their role.

    Reasons: ``unknown_role``, ``empty_turn``, ``same_speaker_twice``, ``role_prefix`` (a speaker's
    name and colon inside a turn, so also speaking for the other), ``model_voice`` ("as an AI"),
    ``roles_swapped`` (the cues of asking and working say that turns are in the wrong mouth).
    Score: how far the turns sound like their roles, by turn; below zero they sound swapped.
    """

    class Params(Params):
        """Who takes part, and how sure the cues must be."""

        tutor: str = "tutor"
        """The role that asks."""
        learner: str = "learner"
        """The role that works."""
        swapped_turn: float = Bounded(2.0, gt=0)
        """Cue weight from which two neighbours together sound like the other role."""

    name = "roles"
    version = "1"

    def __init__(self, params: RolesKept.Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """The verdict on one record; a record without turns is kept."""
        turns = record.turns
        if not turns:
            return Verdict(self.name, True, note="no dialogue")
        offsets = turn_offsets(turns)
        for reason, i, start, end in self._faults(record):
            span = Span(offsets[i] + start, offsets[i] + end)
            return Verdict(self.name, False, reason, evidence=(span,))
        scores = [self._own(turn) for turn in turns]
        mean = sum(scores) / len(scores)
        swapped = self._swapped(scores)
        if swapped is not None:
            at = offsets[swapped]
            span = Span(at, at + len(turns[swapped].text), "sounds like the other role")
            return Verdict(self.name, False, "roles_swapped", mean, (span,))
        return Verdict(self.name, True, score=mean)

    def _faults(self, record: Record) -> Iterator[tuple[str, int, int, int]]:
        """Plain faults: (reason, turn, start, end)."""
        people = [record.plan.get(role) for role in (self.params.tutor, self.params.learner)]
        names = [re.escape(str(p["name"])) for p in people if isinstance(p, dict) and p.get("name")]
        prefix = re.compile(
            rf"(?:^|\n)\s*[*_(\[]*(?:{'|'.join((_NAMES, *names))})[*_)\]]*\s*:", re.IGNORECASE
        )
        before = ""
        for i, turn in enumerate(record.turns):
            whole = (i, 0, len(turn.text))
            if turn.role not in (self.params.tutor, self.params.learner):
                yield ("unknown_role", *whole)
            if not any(character.isalnum() for character in turn.text):
                yield ("empty_turn", *whole)
            if turn.role == before:
                yield ("same_speaker_twice", *whole)
            before = turn.role
            if found := prefix.search(turn.text):
                yield "role_prefix", i, found.start(), found.end()
            if found := _MODEL.search(turn.text):
                yield "model_voice", i, found.start(), found.end()

    def _own(self, turn: Turn) -> float:
        """How far a turn sounds like its own role."""
        sounds = sounds_like_tutor(turn.text)
        return sounds if turn.role == self.params.tutor else -sounds

    def _swapped(self, scores: Sequence[float]) -> int | None:
        """The turn that shows a swap: two neighbours that sound like each other, or all."""
        limit = self.params.swapped_turn
        for i in range(1, len(scores)):
            pair = scores[i - 1], scores[i]
            if max(pair) < _UNSURE and sum(pair) <= -limit:
                return i
        worst = min(range(len(scores)), key=scores.__getitem__)
        return worst if sum(scores) < 0 and len(scores) > 1 else None


def sounds_like_tutor(text: str) -> float:
    """Weight of a turn's tutor cues less its learner cues; each cue counts twice at most."""
    total, text = 0.0, text[:_READ]
    for sign, cues in ((1, _TUTOR), (-1, _LEARNER)):
        for pattern, weight in cues:
            count = sum(1 for _ in zip(pattern.finditer(text), range(_MAX_COUNT), strict=False))
            total += sign * weight * count
    return total

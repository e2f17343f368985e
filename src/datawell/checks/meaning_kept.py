"""Does a rewritten text still say what its source says? Numbers, names and negations decide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import Field as Bounded

from datawell.checks.claims import Claim, names, numbers
from datawell.checks.expressions import word_set
from datawell.core.params import Params
from datawell.core.records import Record, Span, Verdict

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ENUMERATION = re.compile(r"^[ \t]*(?:\d{1,2}[.)])(?=[ \t])", re.MULTILINE)
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\S)[^.!?\n]*)*")
_NEGATIONS = word_set("not no never none nobody nothing nowhere neither nor cannot without")
# Words that deny by themselves: they may stand for a negation, and are none on their own.
_DENIALS = word_set(
    "forbid forbids forbidden prohibited banned refuse refuses refused lack lacks lacked lacking"
    " fail fails failed unable impossible hardly scarcely absent avoid avoids avoided unless except"
    " unlike missing stop stopped denied prevent prevents prevented unwilling unknown"
)
_LITTLE = word_set(
    "the a an and or but so if as at by for from in into of on onto to up with is are was were be"
    " been being am has have had having do does did doing will would can could may might must"
    " shall should it its he him his she her they them their we us our you your i me my this that"
    " these those there here then than too very also just only even still who which what when"
    " where why how all any some such same other own out over under about one more most"
)
_NEAR = 5  # content words on either side that tell what is denied
_RENDERS = 0.6  # share of a sentence's content words from which it renders another
_SAME = 0.9  # share of both sentences' content words from which one is the other


@dataclass(frozen=True, slots=True)
class _Denial:
    """A negation with the words near it: what is denied."""

    start: int
    end: int
    near: frozenset[str]
    plain: bool


class MeaningKept:
    """Drops a rewritten text that lost or gained something its source says.

    Reasons: ``no_source`` (the plan has none), ``not_rewritten``, ``number_added``,
    ``number_lost``, ``name_added``, ``name_lost``, ``negation_added``, ``negation_lost``,
    ``too_short`` and ``too_long`` against the source. Where ``plan["keeps"]`` is ``some`` (a
    summary), whole sentences may be missing, but none may turn into its opposite.
    Score: the share of the source's numbers, names and negations that are kept.
    """

    class Params(Params):
        """How long a rewritten text may be."""

        min_length: float = Bounded(0.5, ge=0, le=1)
        """The fewest words, as a share of the source's, where all of it is to be kept."""
        max_length: float = Bounded(2.0, gt=0)
        """The most words, as a share of the source's."""

    name = "meaning_kept"
    version = "1"

    def __init__(self, params: MeaningKept.Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """The verdict on one record whose text is the rewritten one."""
        source = record.plan.get("source")
        text = source.get("text") if isinstance(source, dict) else None
        if not isinstance(text, str) or not text.strip():
            return Verdict(self.name, False, "no_source", note="the plan has no source text")
        whole = record.plan.get("keeps") != "some"
        faults = [
            *_numbers(text, record.text, whole),
            *_names(text, record.text, whole),
            *(_negations(text, record.text) if whole else ()),
            *_turned(text, record.text, whole),
            *self._lengths(text, record.text, whole),
        ]
        claims = len(numbers(text)) + len(names(text)) + len(_denials(text, plain=True))
        lost = sum(reason.endswith("_lost") for reason, _ in faults)
        score = 1 - min(1.0, lost / claims) if claims else 1.0
        if not faults:
            return Verdict(self.name, True, score=score)
        reason = faults[0][0]
        notes = [span.note for r, span in faults if r == reason]
        evidence = tuple(span for r, span in faults if r == reason and span.end > span.start)
        return Verdict(self.name, False, reason, score, evidence, "; ".join(notes[:5]))

    def _lengths(self, source: str, text: str, whole: bool) -> Iterator[tuple[str, Span]]:
        if " ".join(text.split()) == " ".join(source.split()):
            yield "not_rewritten", Span(0, 0, "word for word the source")
        share = len(text.split()) / len(source.split())
        if whole and share < self.params.min_length:
            yield "too_short", Span(0, 0, f"{share:.0%} of the source's words")
        if share > self.params.max_length:
            yield "too_long", Span(0, 0, f"{share:.0%} of the source's words")


def _numbers(source: str, text: str, whole: bool) -> Iterator[tuple[str, Span]]:
    text = _ENUMERATION.sub(lambda m: " " * len(m[0]), text)
    said, kept = numbers(source), numbers(text)
    known, now = {value for value, _ in said}, {value for value, _ in kept}
    for value, claim in kept:
        if value not in known:
            yield "number_added", Span(claim.start, claim.end, f"{claim.text} is not in the source")
    for value, claim in said:
        if whole and value not in now:
            yield "number_lost", Span(0, 0, f"{claim.text} is missing")


def _names(source: str, text: str, whole: bool) -> Iterator[tuple[str, Span]]:
    known, now = _words(source), _words(text)
    for claim in names(text):
        if not _parts(claim) <= known:
            yield "name_added", Span(claim.start, claim.end, f"{claim.text} is not in the source")
    for claim in names(source):
        if whole and not _parts(claim) <= now:
            yield "name_lost", Span(0, 0, f"{claim.text} is missing")


def _words(text: str) -> set[str]:
    return {part.casefold() for part in re.findall(r"[^\W_]+", text)}


def _parts(claim: Claim) -> set[str]:
    return {part.casefold() for part in re.findall(r"[^\W_]+", claim.text)}


def _negations(source: str, text: str) -> Iterator[tuple[str, Span]]:
    """Negations of the source and of the text, matched one to one by what they deny."""
    said, kept = _denials(source, plain=True), _denials(text)
    free = list(kept)
    for denial in said:
        match = max(free, key=lambda other: _likeness(denial, other), default=None)
        if match is None or not denial.near & match.near:
            words = source[max(0, denial.start - 20) : denial.end + 20]
            yield "negation_lost", Span(0, 0, f"…{' '.join(words.split())}…")
        else:
            free.remove(match)
    known = [*said, *(d for d in _denials(source) if not d.plain)]
    for left in free:
        # One more "no" for a thing that is denied anyway is a manner of speaking.
        if left.plain and not any(left.near & other.near for other in known):
            yield "negation_added", Span(left.start, left.end, "nothing of the kind is denied")
    plain = sum(denial.plain for denial in kept)
    if not any(d.plain for d in free) or plain <= len(known):
        return
    first = next(d for d in free if d.plain)
    yield "negation_added", Span(first.start, first.end, "more is denied than in the source")


def _likeness(one: _Denial, other: _Denial) -> tuple[int, bool]:
    return len(one.near & other.near), other.plain


def _turned(source: str, text: str, whole: bool) -> Iterator[tuple[str, Span]]:
    """Sentences of the text that deny where the sentence they render does not, or the reverse.

    Where all is kept a sentence may have been split, so only nearly equal ones are compared.
    """
    originals = [(_stems(m[0]), _is_negative(m[0])) for m in _SENTENCE.finditer(source)]
    for sentence in _SENTENCE.finditer(text):
        stems = _stems(sentence[0])
        if not stems or not originals:
            continue
        best, negative = max(originals, key=lambda o: len(o[0] & stems))
        common, least = len(best & stems), _SAME * len(best | stems) if whole else 0
        if common < max(least, _RENDERS * len(stems)) or negative == _is_negative(sentence[0]):
            continue
        reason = "negation_lost" if negative else "negation_added"
        yield reason, Span(sentence.start(), sentence.end(), "turned into its opposite")


def _denials(text: str, plain: bool = False) -> list[_Denial]:
    """The negations of a text, with ``plain`` without words that only imply one."""
    found = []
    for sentence in _SENTENCE.finditer(text):
        tokens = list(_TOKEN.finditer(text, sentence.start(), sentence.end()))
        content = [_stem(token[0].lower()) if _is_content(token[0]) else "" for token in tokens]
        for at, token in enumerate(tokens):
            negates = _negates(token[0])
            if negates or (not plain and token[0].lower() in _DENIALS):
                before = [stem for stem in content[:at] if stem][-_NEAR:]
                after = [stem for stem in content[at + 1 :] if stem][:_NEAR]
                near = frozenset((*before, *after))
                found.append(_Denial(token.start(), token.end(), near, negates))
    return found


def _negates(word: str) -> bool:
    lower = word.lower().replace("’", "'")
    return lower in _NEGATIONS or lower.endswith("n't")


def _is_negative(text: str) -> bool:
    """True for an odd number of negations: two in one sentence cancel, or belong to two clauses."""
    return sum(_negates(token) for token in _TOKEN.findall(text)) % 2 == 1


def _stems(text: str) -> frozenset[str]:
    return frozenset(_stem(word.lower()) for word in _TOKEN.findall(text) if _is_content(word))


def _is_content(word: str) -> bool:
    lower = word.lower()
    return len(lower) > 2 and lower not in _LITTLE and not _negates(lower)


def _stem(word: str) -> str:
    """A word without its inflection, roughly: enough to see two forms of one word as one."""
    word = re.sub(r"['’]s?$", "", word)
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word

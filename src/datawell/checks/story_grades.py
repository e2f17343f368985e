"""The TinyStories grading protocol: a judge reads how a story was completed, as a teacher would.

Eldan & Li, 2023, arXiv:2305.07759, section 3 and appendix: the beginning of a story and its
completion stand with ``***`` between them, cut in the middle of a sentence; first comes an
assessment in words, then Grammar, Creativity, Consistency and Plot out of 10, and the age group of
a child who could have written the completion.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Annotated, Literal

from pydantic import Field, model_validator

from datawell.checks.base import Ask
from datawell.checks.fence import Fence
from datawell.checks.grading import Graded, GradeSheet, GradingParams, asked, by_rule
from datawell.checks.plain_grade import plain_grade
from datawell.core.records import Lineage, Message, Record, Verdict, digest
from datawell.core.sentences import sentences

GRADES = ("grammar", "creativity", "consistency", "plot")
AGES = ("A", "B", "C", "D", "E", "F")
_TOP = 10.0
OutOfTen = Annotated[float, Field(strict=True, ge=0, le=_TOP, allow_inf_nan=False)]
_FEWEST_WORDS = 8
_FEWEST_SENTENCES = 3
_WORDS_BY_AGE = (5, 8, 11, 14, 18)  # words a sentence, at most, of each group but the last
_CLOSES = re.compile(r"[.!?…][\"”’')\]]*$")

SYSTEM = "You grade exercises in writing, strictly and evenly. {rule}"
PROMPT = """In the following exercise, the student is given a beginning of a story. The student \
needs to complete it into a full story. The exercise tests the student's language abilities and \
creativity. The symbol *** marks the separator between the prescribed beginning and the student's \
completion:

{beginning}
***
{completion}

First write your general assessment about the part written by the student (the one after the \
*** symbol): is it grammatically correct? Is it consistent with the beginning of the story? Pay \
special attention to whether the student manages to complete the sentence which is split in the \
middle by the separator.

Then grade the student's completion in terms of grammar, creativity, consistency with the story's \
beginning, and whether the plot makes sense, each out of 10. Moreover, give your best guess of \
what the age group of the student might be, as reflected from the completion. Choose from \
possible age groups: A: 3 or under. B: 4-5. C: 6-7. D: 8-9. E: 10-12. F: 13-16."""


class StorySheet(GradeSheet):
    """What the judge answers, in the order of the protocol."""

    grammar: OutOfTen
    creativity: OutOfTen
    consistency: OutOfTen
    plot: OutOfTen
    age_group: Literal["A", "B", "C", "D", "E", "F"]


class StoryGrades:
    """Drops a story that a judge grades low by the protocol of TinyStories (arXiv:2305.07759).

    The story is cut in the middle of a sentence; the teacher of the role ``judge`` sees the
    beginning, ``***`` and the rest, and gives Grammar, Creativity, Consistency and Plot out of 10
    and an age group, after an assessment in words. Score: the mean of the four grades and of all
    samples. Figures: the four, ``age`` (0 for A, 3 or under, to 5 for F, 13 to 16; the commonest)
    and, with several samples, ``spread``. Reasons: ``too_short``, ``low_grade``, ``low_GRADE``,
    ``judges_disagree``, and ``unjudged``.

    Where the recipe names real text (``report.anchor``), the same judge grades real stories with
    their own endings and with the sentences of their endings shuffled: an upper and a lower anchor,
    without which a grade of 7.3 says nothing.
    """

    class Params(GradingParams):
        """Where to cut, and which grades keep a story."""

        beginning: float = Field(default=0.4, gt=0, lt=1)
        """The share of the words that is shown as the beginning."""
        keep_from: float = Field(default=5.0, ge=0, le=_TOP)
        """The least mean of the four grades with which a story is kept."""
        anchor_texts: int = Field(default=20, ge=0, le=1000)
        """How many real stories are graded for the anchors, each twice; 0 grades none."""

        @model_validator(mode="after")
        def _on_the_scale(self) -> StoryGrades.Params:
            for name, grade in self.least.items():
                if name not in GRADES or not 0 <= grade <= _TOP:
                    raise ValueError(
                        f"least: {name}: {grade:g}; grade {', '.join(GRADES)}, 0 to 10"
                    )
            return self

    name = "story_grades"
    version = "1"

    def __init__(self, params: StoryGrades.Params) -> None:
        self.params = params

    async def judge(self, record: Record, ask: Ask) -> Verdict:
        """The verdict on one story."""
        cut = cut_mid_sentence(record.text, self.params.beginning)
        if cut is None:
            return Verdict(self.name, False, "too_short", note=f"under {_FEWEST_WORDS} words")
        rule = plain_grade(cut[1])
        answer = by_rule(rule, GRADES, 0.0, _TOP) | {"age_group": rule_age(cut[1])}
        fence = Fence(record.id, *cut)
        messages = _messages(fence, *cut)
        found = [
            await asked(ask, fence, messages, StorySheet, answer)
            for _ in range(self.params.samples)
        ]
        ages = Counter(AGES.index(sheet.age_group) for sheet in found)
        age = min(ages, key=lambda group: (-ages[group], group))
        graded = Graded.of(found, GRADES)
        note = f"age group {AGES[age]}; {found[0].assessment}"
        verdict = graded.verdict(self.name, self.params.keep_from, self.params, note)
        return replace(verdict, figures=(*verdict.figures, ("age", float(age))))

    def anchors(self, texts: Sequence[str], random: Random) -> list[tuple[str, Record]]:
        """Real stories as they are, and with the sentences of their endings shuffled."""
        found: list[tuple[str, Record]] = []
        for text in texts:
            if len(found) >= 2 * self.params.anchor_texts:
                break
            shuffled = shuffled_ending(text, self.params.beginning, random)
            if shuffled is not None:
                found.append(("real endings", _anchor(text)))
                found.append(("shuffled endings", _anchor(shuffled)))
        return found


def _messages(fence: Fence, beginning: str, completion: str) -> list[Message]:
    """What the judge is shown. The separator stands outside the fences: one in the story is part of
    the story."""
    prompt = PROMPT.format(beginning=fence.around(beginning), completion=fence.around(completion))
    return [
        Message(role="system", content=SYSTEM.format(rule=fence.rule)),
        Message(role="user", content=prompt),
    ]


def cut_mid_sentence(text: str, share: float) -> tuple[str, str] | None:
    """The beginning of a text, near this share of its words and never at the end of a sentence, and
    the rest; None when it is too short for that."""
    words = list(re.finditer(r"\S+", text))
    if len(words) < _FEWEST_WORDS:
        return None
    wanted = min(max(1, round(len(words) * share)), len(words) - 1)
    for at in (*range(wanted, len(words)), *range(wanted - 1, 0, -1)):
        if not _CLOSES.search(words[at - 1].group()):
            return text[: words[at - 1].end()], text[words[at].start() :]
    return None


def shuffled_ending(text: str, share: float, random: Random) -> str | None:
    """The text with the sentences of its completion in another order; None when it has too few."""
    cut = cut_mid_sentence(text, share)
    if cut is None:
        return None
    beginning, completion = cut
    order = [completion[start:end] for start, end in sentences(completion)]
    if len(set(order)) < _FEWEST_SENTENCES:
        return None
    told = list(order)
    while order == told:
        random.shuffle(order)
    return " ".join([beginning, *order])


def rule_age(text: str) -> str:
    """The age group by rule, for the built-in teacher: longer sentences, an older child."""
    found = [len(text[start:end].split()) for start, end in sentences(text)]
    mean = sum(found) / len(found) if found else 0.0
    return AGES[sum(mean > most for most in _WORDS_BY_AGE)]


def _anchor(text: str) -> Record:
    return Record(
        id=digest("anchor", text, size=12),
        text=text,
        plan={},
        lineage=Lineage(recipe="", task="anchor", row=-1, seed_id="", source=""),
    )

"""What judge checks share: the form of a grade, several samples of it, and what they come to.

Grades are numbers on a scale that the schema of the answer holds the judge to; a grade off the
scale, a field that was not asked for, or a grade in prose is no answer. Nothing else that a judge
says decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model

from datawell.checks.base import Ask
from datawell.checks.fence import Fence
from datawell.checks.plain_grade import PlainGrade
from datawell.core import params
from datawell.core.errors import VoiceFault
from datawell.core.records import Message, Verdict

ASSESSMENT = "assessment"
S = TypeVar("S", bound="GradeSheet")
NOTE = 300  # most characters of an assessment kept with a verdict


class GradingParams(params.Params):
    """How often to ask, and which grades keep a row."""

    samples: int = Field(default=1, ge=1, le=25)
    """How often the judge is asked about a row; the score is the mean."""
    least: dict[str, float] = Field(default_factory=dict)
    """The least grade, by name, with which a row is kept: ``{grammar: 6}``."""
    max_spread: float | None = Field(default=None, ge=0)
    """Drop a row on whose grades the samples are further apart than this; null notes it only."""


class GradeSheet(BaseModel):
    """An answer: the fence's word, an assessment in words, then the grades that follow from it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mark: Annotated[str, Field(strict=True)]
    assessment: Annotated[str, Field(strict=True)]


def grade_sheet(names: Sequence[str], low: float, high: float) -> type[GradeSheet]:
    """The schema of an answer with one number from ``low`` to ``high`` a name, in this order."""
    grade = Annotated[float, Field(strict=True, ge=low, le=high, allow_inf_nan=False)]
    fields: dict[str, Any] = dict.fromkeys(names, (grade, ...))
    return create_model("Grades", __base__=GradeSheet, **fields)


@dataclass(frozen=True, slots=True)
class Graded:
    """Several sheets on one text: means by name, the mean of those, and how far the sheets are
    apart on the name they disagree most about (None for one sheet)."""

    means: Mapping[str, float]
    score: float
    spread: float | None

    @classmethod
    def of(cls, sheets: Sequence[GradeSheet], names: Sequence[str]) -> Graded:
        """Sum up the sheets of one text; there is at least one."""
        columns = {name: [float(getattr(sheet, name)) for sheet in sheets] for name in names}
        means = {name: round(sum(c) / len(c), 6) for name, c in columns.items()}
        spread = max(max(c) - min(c) for c in columns.values()) if len(sheets) > 1 else None
        return cls(means, round(sum(means.values()) / len(means), 6), spread)

    def verdict(self, check: str, keep_from: float, held: GradingParams, note: str) -> Verdict:
        """Keep, or drop for ``low_grade`` (the mean), ``low_NAME`` or ``judges_disagree``."""
        reason = ""
        if self.score < keep_from:
            reason = "low_grade"
        for name, least in held.least.items():
            if not reason and self.means[name] < least:
                reason = f"low_{name}"
        if not reason and held.max_spread is not None and (self.spread or 0.0) > held.max_spread:
            reason = "judges_disagree"
        figures = tuple(self.means.items())
        if self.spread is not None:
            figures += (("spread", self.spread),)
        return Verdict(check, not reason, reason, self.score, note=note[:NOTE], figures=figures)


async def asked(
    ask: Ask,
    fence: Fence,
    messages: Sequence[Message],
    schema: type[S],
    answer: Mapping[str, Any],
) -> S:
    """One sheet on the text behind ``fence``; ``answer`` is the built-in teacher's, without mark.

    Raises:
        VoiceFault: none could be used (``wrong_mark``: it is not about this text).
    """
    sheet = await ask(messages, lambda _: {"mark": fence.word, **answer}, schema)
    if sheet.mark.strip().casefold() != fence.word:
        raise VoiceFault("wrong_mark", detail=f"the answer is marked {sheet.mark[:40]!r}")
    return sheet


def by_rule(grade: PlainGrade, names: Sequence[str], low: float, high: float) -> dict[str, Any]:
    """The sheet the built-in teacher fills in: the same rule-based grade for every name."""
    return {ASSESSMENT: grade.why, **dict.fromkeys(names, grade.on(low, high))}

"""Drops an answer that breaks a constraint its plan asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datawell.checks.verifiers import layout, length, whole, wording
from datawell.checks.verifiers.base import VERIFIERS
from datawell.core import params
from datawell.core.constraints import fault
from datawell.core.records import Record, Verdict

# Importing these fills the table.
VERIFIED_BY = (layout, length, whole, wording)


class Constraints:
    """Every constraint of ``plan["constraints"]`` must hold in the text and stand in the prompt.

    The strict judgement of IFEval (Zhou et al. 2023, arXiv:2311.07911): the text as it is. Kinds
    and definitions: ``core/constraints.yaml``. Reasons: ``constraint_KIND`` for the first that is
    broken, ``constraint_not_asked`` (the prompt does not say it), ``bad_constraint`` (the plan's
    constraint is none we know), ``no_plan``. Score: the share that holds; none asked, no score.
    """

    class Params(params.Params):
        """No parameters."""

    name = "constraints"
    version = "1"

    def __init__(self, params: Params) -> None:
        self.params = params

    def examine(self, record: Record) -> Verdict:
        """The note names every constraint that is broken, and how."""
        asked = record.plan.get("constraints")
        if not isinstance(asked, list):
            return Verdict(self.name, False, "no_plan", note="the plan lists no constraints")
        broken = [found for one in asked if (found := _judge(one, record))]
        if not broken:
            return Verdict(self.name, True, score=1.0 if asked else None)
        score = 1 - len(broken) / len(asked)
        note = "; ".join(f"{reason}: {why}" for reason, why in broken)
        return Verdict(self.name, False, broken[0][0], score, note=note)


def _judge(asked: object, record: Record) -> tuple[str, str] | None:
    """(reason, what is wrong) of one constraint, or None when it holds."""
    constraint: Mapping[str, Any] = asked if isinstance(asked, Mapping) else {}
    kind, args = constraint.get("kind"), constraint.get("args", {})
    wrong = fault(kind, args)
    if wrong:
        return "bad_constraint", wrong
    said = constraint.get("said")
    if said and " ".join(str(said).split()) not in " ".join(record.prompt.split()):
        return "constraint_not_asked", f"the prompt does not say {said!r}"
    why = VERIFIERS[str(kind)](record.text, args)
    return (f"constraint_{kind}", why) if why else None

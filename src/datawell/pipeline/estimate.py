"""What a run would take: rows, calls, tokens, money, measured on a few plans voiced for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from datawell.core.errors import RowError
from datawell.core.plugins import build
from datawell.core.randomness import stream
from datawell.core.records import Message
from datawell.pipeline.plan import Blueprint, blueprint, check_parts, read_recipe
from datawell.recipes.model import Recipe

SAMPLE_ROWS = 20
# English text is near four bytes a token in every common tokenizer; good enough for an estimate.
BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would take. Tokens are means over a sample of plans voiced by the built-in
    teacher; ``usd`` is None when a price is unknown, never zero for that reason."""

    name: str
    rows: int
    seeds: int | None
    teachers: dict[str, str]
    calls: int
    input_tokens: int
    output_tokens: int
    usd: float | None
    sample: int
    unplannable: int

    def describe(self) -> dict[str, Any]:
        """The estimate as plain data."""
        return {
            "name": self.name,
            "rows": self.rows,
            "seeds": self.seeds,
            "teachers": self.teachers,
            "paid_calls": self.calls,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "usd": self.usd,
            "sample_rows": self.sample,
            "sample_rows_without_plan": self.unplannable,
        }

    def __str__(self) -> str:
        who = ", ".join(f"{role}: {model}" for role, model in self.teachers.items())
        seeds = "endless seeds" if self.seeds is None else f"{self.seeds} seeds"
        lines = [f"{self.name}: valid · {self.rows} rows from {seeds} · {who}"]
        if self.calls == 0:
            lines.append("no paid call: every answer is computed here")
        else:
            money = "price unknown" if self.usd is None else f"about ${self.usd:.4f}"
            lines.append(
                f"about {self.calls} calls, {self.input_tokens} tokens in,"
                f" {self.output_tokens} out · {money} (from {self.sample} voiced plans)"
            )
        if self.unplannable:
            lines.append(f"{self.unplannable} of {self.sample} sampled seeds gave no plan")
        return "\n".join(lines)


def validate(
    recipe: str | Path | Recipe,
    *,
    rows: int | None = None,
    teacher: str | Sequence[str] | None = None,
    overrides: Sequence[str] = (),
    probe: bool = False,
) -> Estimate:
    """Check a recipe whole and estimate its run; ``probe`` also asks each endpoint if it is there.

    Raises:
        RecipeError, PluginError, UsageError: what is wrong, where, and what to do.
        ProviderError: with ``probe``, an endpoint does not answer or refuses the key.
    """
    plan = blueprint(read_recipe(recipe, rows=rows, teacher=teacher, overrides=overrides))
    check_parts(plan, probe)
    return estimate(plan)


def estimate(plan: Blueprint) -> Estimate:
    """Estimate a run from a sample of its plans, voiced by the built-in teacher."""
    sample = min(SAMPLE_ROWS, plan.rows)
    meters = {role: _Meter() for role in plan.task.roles}
    unplannable = sum(not _voiced(plan, row, meters) for row in range(sample))
    teachers = {role: build("teachers", part) for role, part in plan.teachers.items()}
    scale = plan.rows / sample
    calls = spent_in = spent_out = 0
    usd: float | None = 0.0
    for role, teacher in teachers.items():
        if teacher.recomputable:
            continue
        meter = meters[role]
        tokens_in, tokens_out = meter.tokens(scale)
        calls += round(meter.calls * scale)
        spent_in += tokens_in
        spent_out += tokens_out
        if teacher.price is None or usd is None:
            usd = None
        else:
            usd += teacher.price.nano(tokens_in, tokens_out) / 1e9
    return Estimate(
        name=plan.recipe.name,
        rows=plan.rows,
        seeds=plan.seeds.size,
        teachers={role: teacher.model for role, teacher in teachers.items()},
        calls=calls,
        input_tokens=spent_in,
        output_tokens=spent_out,
        usd=usd,
        sample=sample,
        unplannable=unplannable,
    )


def _voiced(plan: Blueprint, row: int, meters: dict[str, _Meter]) -> bool:
    """Voice one row with the built-in teacher and count what was asked; False without a plan."""
    size = plan.seeds.size
    try:
        seed = plan.seeds.seed(row if size is None else row % size)
        made = plan.task.plan(seed, stream(plan.recipe.seed, "plan", row))
        asyncio.run(plan.task.voice(made, _CountingScene(plan.recipe.seed, row, meters)))
    except RowError:
        return False
    return True


class _Meter:
    """Counts what one role was asked."""

    def __init__(self) -> None:
        self.calls = 0
        self.bytes_in = 0
        self.bytes_out = 0

    def tokens(self, scale: float) -> tuple[int, int]:
        """Tokens in and out, scaled to the whole run."""
        share = scale / BYTES_PER_TOKEN
        return round(self.bytes_in * share), round(self.bytes_out * share)


class _CountingScene:
    """A scene whose every role is the built-in voice; it counts bytes and costs nothing."""

    def __init__(self, root: int, row: int, meters: dict[str, _Meter]) -> None:
        self._root = root
        self._row = row
        self._meters = meters
        self._asked = 0

    async def ask(
        self,
        role: str,
        messages: Sequence[Message],
        voice: Callable[[Random], str],
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> str:
        text = voice(stream(self._root, "voice", self._row, self._asked))
        self._asked += 1
        meter = self._meters[role]
        meter.calls += 1
        meter.bytes_in += sum(len(m["content"].encode()) for m in messages)
        meter.bytes_out += len(text.encode())
        return text

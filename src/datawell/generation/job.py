"""What is to be made: plain data that can travel to any process, and the components built from it.

Row ids are 0 .. rows - 1, cut into shards of fixed ranges. Everything about a row follows from the
job and its id, never from who makes it or when. The shard size sets how rows lie in part files and
nothing else: exports read rows in order and are the same whatever the shard size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from datawell.checks.base import CorpusCheck, JudgeCheck, RowCheck
from datawell.core.casting import Casting, Part, choose
from datawell.core.errors import UsageError, did_you_mean
from datawell.core.judges import JUDGE
from datawell.core.plugins import Component, build
from datawell.core.randomness import stream
from datawell.core.records import digest
from datawell.core.rundir import RunFolder
from datawell.generation.base import Making
from datawell.seeds.base import SeedSource
from datawell.teachers.base import Teacher

LEAST_IN_FLIGHT = 64


@dataclass(frozen=True, slots=True)
class Settings:
    """How the work is done; of these only ``attempts`` can change what comes out.

    ``concurrency`` is the most rows in flight with remote teachers, not counted those whose call
    waits for another try; left out, it is enough to keep every teacher's places taken (each
    teacher's own limiter adapts below that). ``attempts`` is how many samples of an unreadable
    answer are bought before its row is dropped, ``budget_usd`` the hard budget of the whole run,
    earlier sessions included.
    """

    concurrency: int | None = None
    attempts: int = 3
    budget_usd: float | None = None

    def __post_init__(self) -> None:
        if (self.concurrency is not None and self.concurrency < 1) or self.attempts < 1:
            raise UsageError(
                f"concurrency {self.concurrency}, attempts {self.attempts}",
                hint="both must be at least 1",
            )


@dataclass(frozen=True, slots=True)
class Shard:
    """Row ids ``start`` to ``stop`` (exclusive)."""

    number: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Job:
    """A run to make. Picklable.

    ``fingerprint`` names everything that sets the rows (root seed, seeds, task, teachers):
    a folder belongs to one fingerprint. ``checks_fingerprint`` names the checks: when it changes,
    parts are made again, paid answers coming from the ledger for nothing. ``rows`` may grow from
    one session to the next. Rows beyond the seeds' number begin again at the first seed, with
    another plan. ``anchor`` is a file of real text that judges are measured on. ``teachers`` are by
    seat, and ``castings`` say which seats play a role; left out, the seat of its own name does.
    """

    folder: Path
    recipe: str
    fingerprint: str
    checks_fingerprint: str
    seed: int
    rows: int
    seeds: Component
    task: Component
    teachers: Mapping[str, Component]
    checks: tuple[Component, ...] = ()
    shard_size: int = 1000
    settings: Settings = field(default_factory=Settings)
    anchor: Path | None = None
    castings: Mapping[str, Casting] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.rows < 0 or self.shard_size < 1:
            raise UsageError(
                f"{self.rows} rows in shards of {self.shard_size}",
                hint="rows must be 0 or more, the shard size 1 or more",
            )

    @property
    def run(self) -> RunFolder:
        """The run folder."""
        return RunFolder(self.folder)

    @property
    def made_under(self) -> str:
        """What a part depends on: parts made under another mark are made again."""
        return digest(self.fingerprint, self.checks_fingerprint, self.settings.attempts)

    def shards(self) -> list[Shard]:
        """The whole plan of work, ascending."""
        starts = range(0, self.rows, self.shard_size)
        return [
            Shard(number, start, min(start + self.shard_size, self.rows))
            for number, start in enumerate(starts)
        ]

    def build(self) -> Workshop:
        """Load and construct every component the job names.

        Raises:
            PluginError, MissingDependencyError: a component cannot be built.
            UsageError: they do not fit together.
        """
        task: Making = build("tasks", self.task)
        teachers = _teachers(self.teachers)
        checks = [build("checks", check) for check in self.checks]
        return Workshop(
            seeds=build("seeds", self.seeds, self.seed),
            task=task,
            teachers=teachers,
            row_checks=tuple(c for c in checks if not (_signs(c) or _asks(c))),
            judge_checks=tuple(c for c in checks if _asks(c)),
            corpus_checks=tuple(c for c in checks if _signs(c)),
            castings=self.castings,
        )


@dataclass(frozen=True, slots=True)
class Workshop:
    """A job's components, built and ready: what one process makes rows with.

    ``castings`` are complete: every role that is asked has one. ``cast`` names the model in each of
    their seats, ``sole`` the model of each role of the task that one teacher plays.
    """

    seeds: SeedSource
    task: Making
    teachers: Mapping[str, Teacher]
    row_checks: tuple[RowCheck, ...] = ()
    judge_checks: tuple[JudgeCheck, ...] = ()
    corpus_checks: tuple[CorpusCheck, ...] = ()
    castings: Mapping[str, Casting] = field(default_factory=dict)
    sole: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        judge = (JUDGE,) if self.judge_checks else ()
        castings = {
            role: self.castings.get(role, (Part(1.0, (role,)),))
            for role in (*self.task.roles, *judge)
        }
        for role, casting in castings.items():
            if any(seat not in self.teachers for part in casting for seat in part.seats):
                raise UsageError(
                    f"the recipe needs a teacher for the role {role!r}, and names none",
                    hint=did_you_mean(role, self.teachers) or "add it under `teachers`",
                )
        _refuse_twins([check.name for check in self.corpus_checks])
        if self.seeds.size == 0:
            raise UsageError("the seeds are empty", hint="check the seeds' path and field mapping")
        object.__setattr__(self, "castings", castings)
        sole = {
            role: self.teachers[role].model for role in self.task.roles if role in self.teachers
        }
        object.__setattr__(self, "sole", sole)

    @property
    def cast(self) -> dict[str, str]:
        """The model in each seat of the roles that are asked."""
        seats = (s for casting in self.castings.values() for part in casting for s in part.seats)
        return {seat: self.teachers[seat].model for seat in seats}

    def in_flight(self, settings: Settings) -> int:
        """The most rows in flight: as set, or twice as many as the teachers have places, so that a
        place is taken again while its last row is committed, checked and followed by the next."""
        if settings.concurrency is not None:
            return settings.concurrency
        paid = {id(t): t for t in self.teachers.values() if not t.recomputable}.values()
        return max(LEAST_IN_FLIGHT, 2 * sum(getattr(t, "concurrency", 0) for t in paid))

    def line(self, role: str, root: int, row: int) -> tuple[Teacher, ...]:
        """The teachers of a role for one row, in the order in which they are asked.

        Raises:
            UsageError: the recipe names none.
        """
        casting = self.castings.get(role)
        if casting is None:
            raise UsageError(
                f"the task asks for the role {role!r}, which has no teacher",
                hint=f"roles with a teacher: {', '.join(self.castings)}",
            )
        if len(casting) == 1 and len(casting[0].seats) == 1:
            return (self.teachers[casting[0].seats[0]],)
        seats = choose(casting, stream(root, "teacher", row, role))
        return tuple(self.teachers[seat] for seat in seats)

    @property
    def recomputable(self) -> bool:
        """True when every answer can be made again here for nothing: no ledger of calls, no
        budget, any process."""
        return all(teacher.recomputable for teacher in self.teachers.values())


def _teachers(components: Mapping[str, Component]) -> dict[str, Teacher]:
    """Teachers by role. Roles with equal components share one teacher, and so its limits."""
    built: list[tuple[Component, Teacher]] = []
    by_role: dict[str, Teacher] = {}
    for role, component in components.items():
        teacher = next((t for c, t in built if c == component), None)
        if teacher is None:
            teacher = build("teachers", component)
            built.append((component, teacher))
        by_role[role] = teacher
    return by_role


def _signs(check: object) -> bool:
    return hasattr(check, "sign")


def _asks(check: object) -> bool:
    return hasattr(check, "judge")


def _refuse_twins(names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                f"the corpus check {name!r} is named twice", hint="keep one of the two"
            )

"""A task's door to teachers: the same call whether the words are made here or bought."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from datawell.core.errors import BadReply, ProviderError, RequestRejected, VoiceFault
from datawell.core.randomness import stream
from datawell.core.records import Message
from datawell.teachers.base import Reply, Request, Teacher

if TYPE_CHECKING:
    from datawell.generation.calls import Calls
    from datawell.generation.job import Workshop

# A reply that ended so is not what was asked for; another sample may be.
UNFINISHED = {"length": "truncated", "content_filter": "content_filter"}


class RowScene:
    """The scene of one row. ``keys`` are the paid calls it stands on, in the order asked.

    ``stage`` names who asks when it is not the task (a judge check): its calls then are samples of
    their own, and the ledger tells what they cost apart.
    """

    __slots__ = ("_calls", "_repeats", "_root", "_row", "_shop", "_stage", "_turns", "_who", "keys")

    def __init__(
        self, shop: Workshop, root: int, row: int, calls: Calls | None, stage: str = ""
    ) -> None:
        self._shop = shop
        self._stage = stage
        self._root = root
        self._row = row
        self._calls = calls
        self._turns: dict[str, int] = {}
        self._repeats: dict[tuple[object, ...], int] = {}
        self._who: dict[str, set[str]] = {}
        self.keys: list[str] = []

    async def ask(
        self,
        role: str,
        messages: Sequence[Message],
        voice: Callable[[Random], str],
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> str:
        """The words of the teacher who plays ``role``, given exactly these messages.

        Raises:
            VoiceFault: the row falls: no sample could be used (``bad_reply``, ``truncated``,
                ``content_filter``), or the endpoint refuses the request (``request_rejected``).
            UsageError: the recipe names no teacher for this role.
        """
        line = self._shop.line(role, self._root, self._row)
        said = tuple(messages)
        asked = f"{role}@{self._stage}" if self._stage else role
        sample = self._sample(asked, said)
        turn = self._turns.get(asked, 0)
        self._turns[asked] = turn + 1
        random = partial(stream, self._root, "voice", self._row, asked, turn)
        for at in range(self._first(line, said, sample, schema), len(line)):
            teacher, elsewhere = line[at], at + 1 < len(line)
            try:
                if self._calls is None or teacher.recomputable:
                    wanted = Request(said, f"{sample}/0", teacher.settings, voice, random, schema)
                    text = await _make(teacher, wanted)
                else:
                    wanted = Request(said, sample, teacher.settings, schema=schema)
                    text = await self._buy(self._calls, teacher, asked, wanted, elsewhere)
            except ProviderError:
                if not elsewhere:
                    raise
                continue
            if len(line) > 1 or role not in self._shop.sole:
                self._who.setdefault(role, set()).add(teacher.model)
            return text
        raise AssertionError("the last in a line answers or raises")

    def models(self) -> Mapping[str, str]:
        """Who answered, by role of the task; all of them where several did in one role."""
        if not self._who:
            return self._shop.sole
        return self._shop.sole | {role: ", ".join(sorted(who)) for role, who in self._who.items()}

    def _first(
        self,
        line: Sequence[Teacher],
        said: tuple[Message, ...],
        sample: str,
        schema: Mapping[str, Any] | None,
    ) -> int:
        """Whom to ask first: after a crash, who stepped in and was paid for it."""
        if self._calls is None or len(line) == 1:
            return 0
        for at, teacher in enumerate(line):
            wanted = Request(said, f"{sample}/0", teacher.settings, schema=schema)
            if not teacher.recomputable and self._calls.holds(teacher, wanted):
                return at
        return 0

    async def _buy(
        self, calls: Calls, teacher: Teacher, role: str, asked: Request, elsewhere: bool
    ) -> str:
        """A paid answer: as many fresh samples of an unusable one as the job allows.

        Raises:
            VoiceFault: no sample could be used.
            ProviderError: there was no answer, and there is another teacher (``elsewhere``).
        """
        fault = VoiceFault("bad_reply")
        for attempt in range(calls.attempts):
            sample = f"{asked.sample}/{attempt}"
            request = Request(asked.messages, sample, asked.settings, schema=asked.schema)
            try:
                reply = await calls.ask(
                    teacher, request, self._row, role, self.keys, elsewhere=elsewhere
                )
            except RequestRejected as error:
                if elsewhere:
                    raise
                raise VoiceFault("request_rejected", detail=error.message) from error
            except BadReply as error:
                fault = VoiceFault("bad_reply", detail=error.message)
                continue
            if reply.finish_reason not in UNFINISHED:
                return _text(reply)
            fault = VoiceFault(UNFINISHED[reply.finish_reason], detail=reply.text[-200:])
        raise fault

    def _sample(self, role: str, said: tuple[Message, ...]) -> str:
        """Tells apart calls with equal messages: by row, role and how often this row asked so.

        Counting repeats of the same messages, not all calls, keeps the name of a call
        independent of the order in which a task's concurrent calls happen to finish.
        """
        asked = (role, *((m["role"], m["content"]) for m in said))
        repeat = self._repeats.get(asked, 0)
        self._repeats[asked] = repeat + 1
        return f"{self._row}/{role}/{repeat}"


async def _make(teacher: Teacher, request: Request) -> str:
    """An answer made here for nothing. It would be the same again, so there is one try."""
    try:
        reply = teacher.parse(await teacher.send(request))
    except RequestRejected as error:
        raise VoiceFault("request_rejected", detail=error.message) from error
    except BadReply as error:
        raise VoiceFault("bad_reply", detail=error.message) from error
    if reply.finish_reason in UNFINISHED:
        raise VoiceFault(UNFINISHED[reply.finish_reason], detail=reply.text[-200:])
    return _text(reply)


def _text(reply: Reply) -> str:
    """The reply's words as proper Unicode: JSON may carry half surrogate pairs, files cannot."""
    try:
        reply.text.encode()
    except UnicodeEncodeError:
        return reply.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return reply.text

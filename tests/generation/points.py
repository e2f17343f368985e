"""Named moments of a run at which a real process kills itself: before and after every step whose
order is a promise. Production code knows nothing of them; a child wraps its own functions."""

from __future__ import annotations

import functools
import inspect
import os
import signal
import sys
from pathlib import Path
from typing import Any

from datawell.core import group_commit, ledger
from datawell.generation import corpus, engine, shards
from datawell.teachers import openai_chat
from tests.generation.kit import made

# By name: who owns the function, and what it is called there.
STEPS: dict[str, tuple[Any, str]] = {
    "open": (ledger.Ledger, "__init__"),
    "facts": (ledger.Ledger, "set_meta"),
    "sweep": (engine, "sweep"),
    "session": (ledger.Ledger, "event"),
    "intend": (ledger.Ledger, "intend"),
    "send": (openai_chat.OpenAIChat, "send"),
    "answer": (ledger.Ledger, "answered"),
    "settle": (ledger.Ledger, "settle"),
    "commit": (group_commit.GroupCommit, "_commit_group"),
    "part": (shards, "write_part"),
    "signatures": (shards, "write_signatures"),
    "fsync": (os, "fsync"),
    "rename": (os, "replace"),
    "shard": (ledger.Ledger, "shard_done"),
    "decisions": (corpus, "write_decisions"),
    "decided": (ledger.Ledger, "decided"),
    "close": (ledger.Ledger, "close"),
}
POINTS = tuple(f"{when} {step}" for step in STEPS for when in ("before", "after"))


def arm(point: str, hit: int) -> None:
    """Kill this process at a point, the ``hit``-th time it comes there."""
    when, step = point.split()
    owner, name = STEPS[step]
    function = getattr(owner, name)
    left = hit

    def here(now: str) -> None:
        nonlocal left
        if now == when:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    @functools.wraps(function)
    def plain(*args: Any, **named: Any) -> Any:
        here("before")
        result = function(*args, **named)
        here("after")
        return result

    @functools.wraps(function)
    async def awaited(*args: Any, **named: Any) -> Any:
        here("before")
        result = await function(*args, **named)
        here("after")
        return result

    setattr(owner, name, awaited if inspect.iscoroutinefunction(function) else plain)


def serve() -> None:
    """Fork a run for each line of stdin (folder, address, rows, point, hit; tab-separated), and say
    how each ended. Forked, because starting Python anew takes longer than the run."""
    import polars  # noqa: F401 - imported once, before any fork

    from tests.generation.killing import work

    for line in sys.stdin:
        folder, address, rows, point, hit = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            if point:
                arm(point, int(hit))
            made(work(Path(folder), address, int(rows)))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()

"""What a session of processes costs, read from ``/proc`` (Linux): CPU and memory of all of them.

A program under measure is started as the leader of a session of its own, so that whatever it starts
is found with it, orphans too.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat, counted after the name of the program (which may hold spaces).
STATE, SESSION, TIMES = 0, 3, slice(11, 15)


def _stat(pid: str) -> list[str]:
    """The fields after the program's name; none when the process is gone."""
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def members(session: int) -> dict[int, list[str]]:
    """The living processes of a session, each with its fields."""
    found = ((pid, _stat(pid)) for pid in os.listdir("/proc") if pid.isdigit())
    return {
        int(pid): fields
        for pid, fields in found
        if fields and int(fields[SESSION]) == session and fields[STATE] != "Z"
    }


def cpu_seconds(session: int) -> float:
    """User and system time of a session, with that of children that ended and were waited for."""
    return sum(sum(map(int, fields[TIMES])) for fields in members(session).values()) / TICK


def megabytes(session: int) -> float:
    """Memory of a session now: proportional set sizes, so that what is shared counts once."""
    total = 0
    for pid in members(session):
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total / 1024


def kill(session: int) -> None:
    """Kill -9 all of it at once."""
    for pid in members(session):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue

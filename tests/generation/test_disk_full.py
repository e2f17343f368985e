"""A full disk (here: a small limit on the size of files) ends the run with a clear error, and the
same command continues to the same bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.generation.kit import MADE, PLUGIN, ROOT, bytes_of, job, made, paid

LIMITED = """
import json, resource, signal, sys
sys.path[:0] = [{plugin!r}, {root!r}]
from pathlib import Path
from datawell.core.errors import DatawellError
from tests.generation.kit import MADE, job, made, paid
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
teacher = paid() if sys.argv[2] == "paid" else MADE
for limit in json.loads(sys.argv[3]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        made(job(Path(sys.argv[1]), teacher, task={{"words": 60}}))
    except DatawellError as error:
        outcome = [error.exit_code, type(error).__name__, str(error)]
    else:
        outcome = [0, "", ""]
    print(json.dumps(outcome))
"""


def limited(folder: Path, teacher: str, limits: list[int]) -> list[tuple[int, str, str]]:
    """The same run under each limit in turn: exit code, error and message of each try."""
    code = LIMITED.format(plugin=str(PLUGIN), root=str(ROOT))
    command = [sys.executable, "-c", code, str(folder), teacher, json.dumps(limits)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stderr == ""
    return [(*json.loads(line),) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("teacher", ["paid", "made"])
def test_a_full_disk_at_any_moment(tmp_path: Path, teacher: str) -> None:
    folder = tmp_path / "run"
    outcomes = limited(folder, teacher, [0, 900, 3_000, 30_000, 45_000, 70_000, 90_000])
    failed = [outcome for outcome in outcomes if outcome[0]]
    assert len(failed) >= 3
    for code, kind, said in failed:
        assert (code, kind) == (4, "StorageError")
        assert "same command" in said
    component, words = paid() if teacher == "paid" else MADE, {"words": 60}
    whole = made(job(folder, component, task=words))
    assert bytes_of(whole) == bytes_of(made(job(tmp_path / "b", component, task=words)))
    assert whole.summary().complete

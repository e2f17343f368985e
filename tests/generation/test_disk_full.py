"""A full disk (here: a small limit on the size of files) ends the run with a clear error, and the
same command continues to the same bytes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.generation.kit import PLUGIN, ROOT, bytes_of, job, made, paid

LIMITED = """
import resource, signal, sys
sys.path[:0] = [{plugin!r}, {root!r}]
from pathlib import Path
from datawell.core.errors import DatawellError
from tests.generation.kit import MADE, job, made, paid
limit = int(sys.argv[3])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
try:
    made(job(Path(sys.argv[1]), paid() if sys.argv[2] == "paid" else MADE, task={{"words": 60}}))
except DatawellError as error:
    print(type(error).__name__, error, file=sys.stderr)
    sys.exit(error.exit_code)
"""


def limited(folder: Path, teacher: str, limit: int) -> tuple[int, str]:
    code = LIMITED.format(plugin=str(PLUGIN), root=str(ROOT))
    command = [sys.executable, "-c", code, str(folder), teacher, str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("teacher", ["paid", "made"])
def test_a_full_disk_at_any_moment(tmp_path: Path, teacher: str) -> None:
    folder, ended = tmp_path / "run", 0
    for limit in (0, 900, 3_000, 30_000, 45_000, 70_000):
        code, said = limited(folder, teacher, limit)
        assert code in (0, 4), said
        assert "Traceback" not in said
        if code == 4:
            ended += 1
            assert "StorageError" in said
            assert "same command" in said
        else:
            assert said == ""
    assert ended >= 3
    words = {"words": 60}
    component = paid() if teacher == "paid" else job(tmp_path).teachers["writer"]
    whole = made(job(folder, component, task=words))
    assert bytes_of(whole) == bytes_of(made(job(tmp_path / "b", component, task=words)))
    assert whole.summary().complete

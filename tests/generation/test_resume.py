"""kill -9 at random moments and at every named point: the same bytes in the end, and no committed
answer bought again."""

from __future__ import annotations

from pathlib import Path
from random import Random

from datawell.core.budget import NANO
from datawell.pipeline.audit import audit
from tests.generation.killing import Forks, begin, compare, kill_at_random, serving
from tests.generation.kit import bytes_of, job
from tests.generation.points import POINTS

ROWS = 120


def test_killed_runs_end_as_undisturbed_ones_and_pay_once(tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    with serving(delay=0.01) as server:
        kills, _ = kill_at_random(killed, server, ROWS, Random(5), kills=4)
        with begin(killed, server.base_url, ROWS) as process:
            assert process.wait() == 0
        books = compare(killed, server)
        server.reset()
        with begin(whole, server.base_url, ROWS) as process:
            assert process.wait() == 0
        undisturbed = compare(whole, server)
    assert kills >= 2
    assert books.answered_again == 0
    assert books.unaccounted == 0
    assert books.distinct == undisturbed.distinct == 2 * ROWS
    assert books.repeated <= books.uncertain <= 16 * kills
    assert (undisturbed.uncertain, undisturbed.repeated) == (0, 0)
    assert bytes_of(job(killed).run) == bytes_of(job(whole).run)
    first, second = job(killed).run.summary(), job(whole).run.summary()
    assert (first.kept, first.dropped) == (second.kept, second.dropped)
    assert first.spent_usd == second.spent_usd
    assert first.uncertain_calls == books.uncertain
    assert (first.uncertain_usd > 0) == (books.uncertain > 0)
    assert first.uncertain_usd < 100 * NANO


def test_killed_at_every_named_point(tmp_path: Path) -> None:
    """A few rows, killed at one point each, twice where the run comes by often enough."""
    rows = 10
    with serving(delay=0.001) as server, Forks() as forks:
        assert forks.run(tmp_path / "whole", server.base_url, rows) == 0
        whole = bytes_of(job(tmp_path / "whole").run)
        for point in POINTS:
            folder = tmp_path / point.replace(" ", "-")
            server.reset()
            ends = [forks.run(folder, server.base_url, rows, point, hit) for hit in (1, 3)]
            assert ends[0] == -9, point
            assert forks.run(folder, server.base_url, rows) == 0, point
            books = compare(folder, server)
            assert (books.answered_again, books.unaccounted) == (0, 0), point
            assert books.distinct == 2 * rows, point
            assert books.repeated <= books.uncertain <= 2 * 16, point
            assert bytes_of(job(folder).run) == whole, point
            assert not audit(folder, {}).broken, point

"""kill -9 at random moments: the same bytes in the end, and no committed answer bought again."""

from __future__ import annotations

from pathlib import Path
from random import Random

from datawell.core.budget import NANO
from tests.generation.killing import begin, compare, kill_at_random, serving
from tests.generation.kit import bytes_of, job

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

"""Five hundred lives of the engine, each from one seed: no promise is ever broken."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from tests.generation.conftest import installed
from tests.generation.kit import PLUGIN, ROOT
from tests.simulator.life import Life, live
from tests.simulator.money import spend
from tests.simulator.provider import ANSWERS, FAULTS

SEEDS = 500


@pytest.fixture(scope="module")
def lives() -> list[Life]:
    with pytest.MonkeyPatch.context() as patch:
        installed(patch)
        return [live(seed) for seed in range(SEEDS)]


def test_no_promise_is_broken(lives: list[Life]) -> None:
    broken = [f"{life.breaks[:3]}; {replay(life.seed)}" for life in lives if life.breaks]
    assert broken == []


def test_those_lives_met_everything(lives: list[Life]) -> None:
    """Every kind of fault and of answer, power cuts, and orderly stops."""
    met = sum((Counter(life.met) for life in lives), Counter[str]())
    assert [kind for kind in (*FAULTS, *ANSWERS) if kind != "connect" and met[kind] < 5] == []
    assert sum(life.crashes for life in lives) > 300
    assert sum(life.stops for life in lives) > 300
    assert sum(life.uncertain for life in lives) > 100


def test_budgets_hold_with_512_calls_in_flight() -> None:
    purses = [spend(seed) for seed in range(16)]
    broken = [f"{p.breaks[:3]}; {replay(p.seed, '--budget ')}" for p in purses if p.breaks]
    assert broken == []
    # A stop is not far from the limit: what is left is less than the dearest call.
    assert max(left for purse in purses for left in purse.left) < 0.1
    assert sum(purse.raised for purse in purses) > 5
    assert sum(purse.crashes for purse in purses) > 3


def replay(seed: int, flag: str = "") -> str:
    return f"replay: python scripts/simulate.py {flag}{seed}"


TRACE = """
import sys
sys.path[:0] = [{plugin!r}, {root!r}]
from tests.simulator.life import live
print(*(live(seed).trace for seed in (3, 5, 20, 172)))
"""


def test_one_seed_is_one_life_in_any_process() -> None:
    code = TRACE.format(plugin=str(PLUGIN), root=str(ROOT))
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for salt in ("1", "2")
    ]
    assert said[0] == said[1] == [live(seed).trace for seed in (3, 5, 20, 172)]
    assert len(set(said[0])) == 4


def test_a_seed_is_replayed_by_one_command() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "simulate.py"), "5"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "asked" in done.stdout
    assert '"breaks": []' in done.stdout

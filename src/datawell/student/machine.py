"""What this machine can do: its matrix-product rate, and the dtype and threads that suit it.

Rates are per CPU-second of the process (all threads), so that they can be compared with a budget
in CPU-seconds and do not change when others use the machine; on an accelerator, per second.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import torch

_SIZE = 1024


@dataclass(frozen=True, slots=True)
class Machine:
    """What was measured and chosen. ``matmul_gflops`` is the fp32 rate before training;
    ``tokens_per_second`` the rates of training on the wall clock that were compared."""

    device: str
    dtype: str
    threads: int
    clock: str
    matmul_gflops: float
    matmul_gflops_bf16: float
    tokens_per_second: dict[str, float]

    def facts(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def clock(device: str) -> Callable[[], float]:
    """The clock of a budget: CPU-seconds of the process, or seconds on an accelerator."""
    if device == "cpu":
        return time.process_time

    def synchronised() -> float:
        torch.cuda.synchronize()
        return time.perf_counter()

    return synchronised


def matmul_gflops(device: str, dtype: torch.dtype = torch.float32, seconds: float = 0.3) -> float:
    """Mean rate of square matrix products of 1024, in 10^9 operations a second of the clock."""
    now = clock(device)
    a = torch.ones(_SIZE, _SIZE, dtype=dtype, device=device)
    out = torch.empty_like(a)
    torch.mm(a, a, out=out)
    count, start = 0, now()
    while (spent := now() - start) < seconds:
        torch.mm(a, a, out=out)
        count += 1
    return count * 2 * _SIZE**3 / spent / 1e9


RateOfTraining = Callable[[str], float]
"""Tokens a wall second of real training steps in a dtype, at the threads now set."""


def probe(
    rate_of_training: RateOfTraining, threads: int | str, device: str, seconds: float = 0.3
) -> Machine:
    """Choose dtype and threads by measuring real training steps.

    bf16 is used where training is faster with it; on processors without instructions for it, it is
    many times slower, so it is tried only where a bare product is faster. More threads must bring
    at least 1.5 times the speed: the budget counts the time of all threads.
    """
    torch.set_num_threads(1 if threads == "auto" else int(threads))
    single = matmul_gflops(device, seconds=seconds)
    half = matmul_gflops(device, torch.bfloat16, seconds / 4)
    rates: dict[str, float] = {}
    for dtype in ("float32", "bfloat16") if half > single else ("float32",):
        rates[_label(dtype)] = rate_of_training(dtype)
    dtype = max(("float32", "bfloat16"), key=lambda d: rates.get(_label(d), 0.0))
    cores = len(os.sched_getaffinity(0))
    if threads == "auto" and device == "cpu" and cores > 1:
        one = rates[_label(dtype)]
        torch.set_num_threads(cores)
        rates[_label(dtype)] = rate_of_training(dtype)
        torch.set_num_threads(cores if rates[_label(dtype)] > 1.5 * one else 1)
    return Machine(
        device=device,
        dtype=dtype,
        threads=torch.get_num_threads(),
        clock="CPU-seconds" if device == "cpu" else "seconds",
        matmul_gflops=single,
        matmul_gflops_bf16=half,
        tokens_per_second=rates,
    )


def _label(dtype: str) -> str:
    threads = torch.get_num_threads()
    return f"{dtype}, {threads} thread{'s' if threads > 1 else ''}"

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
    ``tokens_per_second`` the training rate by number of threads, on the wall clock."""

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


def matmul_gflops(device: str, dtype: torch.dtype = torch.float32, seconds: float = 0.4) -> float:
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


def probe(
    rate_of_training: Callable[[], float], threads: int | str, seconds: float = 0.4
) -> Machine:
    """Choose device, dtype and threads by measuring.

    bf16 is used only where it is faster than fp32 (on processors without instructions for it, it
    is many times slower). A second thread must bring at least 1.5 times the speed: the budget
    counts the time of all threads.

    Args:
        rate_of_training: tokens a wall second of real training steps, at the threads now set.
        threads: a number, or ``auto``.
        seconds: for each matrix-product rate.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    rates: dict[str, float] = {}
    if threads == "auto":
        chosen = 1
        for count in (1, len(os.sched_getaffinity(0))):
            if device == "cpu" and str(count) not in rates:
                torch.set_num_threads(count)
                rates[str(count)] = rate_of_training()
                if count > 1 and rates[str(count)] > 1.5 * rates["1"]:
                    chosen = count
    else:
        chosen = int(threads)
    torch.set_num_threads(chosen)
    single = matmul_gflops(device, seconds=seconds)
    half = matmul_gflops(device, torch.bfloat16, seconds / 4)
    return Machine(
        device=device,
        dtype="bfloat16" if half > 1.5 * single else "float32",
        threads=chosen,
        clock="CPU-seconds" if device == "cpu" else "seconds",
        matmul_gflops=single,
        matmul_gflops_bf16=half,
        tokens_per_second=rates,
    )

"""Claim: training runs at half of the machine's fp32 matrix-product rate or more.

python benchmarks/student_gemm.py [--presets 300k 1m 3m] [--seconds 8]

For each preset and each dtype: tokens per CPU-second of real training steps (one thread, Muon,
batch 4 x 256, a vocabulary of 2,048) times the arithmetic a token (see ``datawell.student.model``;
the optimiser's own products are not counted), over the mean rate of 1024^3 fp32 products measured
right before and right after. JSON to stdout; exit 1 when the better dtype of the 1M preset stays
under one half.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

import torch

from datawell.student.machine import matmul_gflops
from datawell.student.model import build_model, flops_per_token
from datawell.student.settings import Settings
from datawell.student.train import learn, make_optimizer

VOCABULARY, CONTEXT, BATCH = 2048, 256, 4


def rate(preset: str, dtype: str, seconds: float) -> dict[str, Any]:
    model = build_model(preset, VOCABULARY, CONTEXT, seed=0)
    optimizer = make_optimizer(model, Settings())
    ids = torch.randint(0, VOCABULARY, (BATCH, CONTEXT + 1))
    inputs, targets = ids[:, :-1], ids[:, 1:].contiguous()

    def steps(limit: float) -> float:
        start, count = time.process_time(), 0
        while time.process_time() - start < limit:
            learn(model, optimizer, inputs, targets, dtype=dtype, scale=0.1)
            count += inputs.numel()
        return count / (time.process_time() - start)

    steps(seconds / 8)
    before = matmul_gflops("cpu", seconds=1.0)
    tokens = steps(seconds)
    peak = (before + matmul_gflops("cpu", seconds=1.0)) / 2
    gflops = tokens * flops_per_token(model.config) / 1e9
    return {
        "preset": preset,
        "dtype": dtype,
        "tokens_per_cpu_second": tokens,
        "gflops": gflops,
        "matmul_gflops": peak,
        "share": gflops / peak,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presets", nargs="+", default=["300k", "1m", "3m"])
    parser.add_argument("--seconds", type=float, default=8.0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows = [
        rate(preset, dtype, given.seconds)
        for preset in given.presets
        for dtype in ("float32", "bfloat16")
    ]
    best = max((r["share"] for r in rows if r["preset"] == "1m"), default=0.0)
    print(json.dumps({"share_1m": best, "runs": rows}, indent=1))
    return 0 if best >= 0.5 else 1


if __name__ == "__main__":
    sys.exit(main())

"""Training: limits, evaluation points, interruption and resume."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tests.student.conftest import settings

from datawell.core.errors import StorageError, UsageError
from datawell.student.base import StudentProgress
from datawell.student.checkpoint import Position, load_checkpoint, save_checkpoint
from datawell.student.llama import LlamaStudent
from datawell.student.machine import matmul_gflops, probe
from datawell.student.texts import is_held_out


def _report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "training.json").read_text())
    return found


def test_a_training_leaves_a_whole_folder(trained: Path) -> None:
    assert sorted(f.name for f in trained.iterdir() if f.name != "evaluation.json") == [
        "config.json",
        "model.safetensors",
        "samples.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "training.json",
    ]
    found = _report(trained)
    assert found["tokens"] >= 24_000
    assert found["steps"] == found["tokens"] // (4 * 128)
    assert found["clock"] == "CPU-seconds"
    assert found["share_of_peak"] > 0
    assert found["seconds"] > 0
    assert [round(c["share"], 1) for c in found["curve"]] == [0.0, 0.1, 0.4, 1.0]
    assert found["curve"][-1]["bits_per_byte"] < 0.75 * found["curve"][0]["bits_per_byte"]
    assert found["curve"][-1]["probes"]["agreement"]["n"] > 10
    assert found["curve"][-1]["sample"].startswith("Once there was")
    samples = json.loads((trained / "samples.json").read_text())
    assert len(samples) == len(found["curve"])


def test_a_finished_training_is_not_done_again(trained: Path, dataset: Path) -> None:
    stages: list[str] = []
    before = (trained / "model.safetensors").stat().st_mtime_ns
    LlamaStudent(settings()).train(dataset, trained, lambda m: stages.append(m.stage))
    assert stages == []
    LlamaStudent(settings(samples=9, real="elsewhere")).train(dataset, trained)
    assert (trained / "model.safetensors").stat().st_mtime_ns == before


def test_an_interrupted_training_ends_the_same(
    trained: Path, dataset: Path, tmp_path: Path
) -> None:
    out = tmp_path / "model"
    moments: list[StudentProgress] = []

    def interrupt(moment: StudentProgress) -> None:
        moments.append(moment)
        if moment.stage == "train" and moment.step > 10 and len(marks) < 1:
            marks.append(moment.step)
            os.kill(os.getpid(), signal.SIGINT)

    marks: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        LlamaStudent(settings()).train(dataset, out, interrupt)
    assert signal.getsignal(signal.SIGINT) is before
    assert not (out / "training.json").exists()
    LlamaStudent(settings()).train(dataset, out, interrupt)
    one, two = load_file(trained / "model.safetensors"), load_file(out / "model.safetensors")
    assert one.keys() == two.keys()
    assert all(torch.equal(one[key], two[key]) for key in one)
    first, second = _report(trained), _report(out)
    for report in (first, second):
        for point in report["curve"]:
            del point["seconds"]
    assert first["curve"] == second["curve"], "points before and after the break are the same"
    assert any(m.bits_per_byte is not None and m.probes for m in moments)


def test_other_settings_train_anew(dataset: Path, tmp_path: Path) -> None:
    small = {"tokens": 1_000, "evaluations": 1, "probes": False}
    LlamaStudent(settings(**small)).train(dataset, tmp_path / "m")
    first = _report(tmp_path / "m")
    LlamaStudent(settings(**small, seed=1)).train(dataset, tmp_path / "m")
    second = _report(tmp_path / "m")
    assert first["key"] != second["key"]
    assert first["curve"][-1]["loss"] != second["curve"][-1]["loss"]


def test_a_training_stops_by_seconds_or_epochs(dataset: Path, tmp_path: Path) -> None:
    quick = {"tokens": None, "evaluations": 1, "probes": False}
    LlamaStudent(settings(minutes=0.3 / 60, **quick)).train(dataset, tmp_path / "s")
    assert _report(tmp_path / "s")["seconds"] >= 0.3
    LlamaStudent(settings(epochs=0.1, **quick)).train(dataset, tmp_path / "e")
    found = _report(tmp_path / "e")
    assert 0.1 <= found["epochs"] < 0.2


def test_a_training_in_another_thread_works(dataset: Path, tmp_path: Path) -> None:
    student = LlamaStudent(settings(tokens=500, evaluations=1, probes=False))
    worker = threading.Thread(target=student.train, args=(dataset, tmp_path / "m"))
    worker.start()
    worker.join()
    assert (tmp_path / "m" / "training.json").exists()


def test_too_little_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a b c"}\n{"text": "d"}\n')
    with pytest.raises(UsageError, match="too few"):
        LlamaStudent(settings()).train(tmp_path / "a.jsonl", tmp_path / "out")
    long = "so the cat sat on the mat and looked at the dog. " * 40
    assert not is_held_out(long)
    (tmp_path / "b.jsonl").write_text(json.dumps({"text": long}))
    with pytest.raises(UsageError, match="no held-out text"):
        LlamaStudent(settings()).train(tmp_path / "b.jsonl", tmp_path / "out")


def test_a_checkpoint_comes_back_whole(tmp_path: Path) -> None:
    file = tmp_path / "c.safetensors"
    position = Position(step=3, tokens=9, seconds=1.5, curve=[{"loss": 2.0}])
    save_checkpoint(file, position, {"w": torch.ones(2)}, {"adam.step.w": torch.tensor(3.0)})
    assert load_checkpoint(file)[0] == position
    assert load_checkpoint(file)[1]["w"].tolist() == [1, 1]
    assert load_checkpoint(file)[2]["adam.step.w"].item() == 3
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(StorageError, match="damaged"):
        load_checkpoint(file)


def test_the_probe_chooses_what_trains_faster() -> None:
    rates = {"float32": 100.0, "bfloat16": 10.0}
    slow = probe(lambda dtype: rates[dtype], "auto", "cpu", seconds=0.02)
    assert slow.dtype == "float32"
    assert slow.threads == 1, "a second thread must pay for itself"
    assert slow.matmul_gflops > 0
    fixed = probe(lambda dtype: rates[dtype], 1, "cpu", seconds=0.02)
    assert fixed.threads == 1
    assert matmul_gflops("cpu", seconds=0.02) > 0

"""The student as a plugin: cheap to name, clear when its libraries are missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from datawell.core.errors import MissingDependencyError, PluginError
from datawell.core.plugins import Component, build
from datawell.student.base import StudentProgress
from datawell.student.llama import LlamaStudent
from datawell.student.settings import Settings


def test_naming_a_student_loads_no_learning_library() -> None:
    code = (
        "import sys; from datawell.core.plugins import Component, build\n"
        "build('students', Component('llama', {'preset': '300k'}))\n"
        "print([m for m in ('torch', 'transformers', 'tokenizers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("library", ["torch", "transformers", "tokenizers", "safetensors"])
def test_a_missing_library_is_named_with_its_cure(
    library: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    student = LlamaStudent(Settings())
    for call in (
        student.check,
        lambda: student.train(tmp_path, tmp_path / "out"),
        lambda: student.evaluate(tmp_path),
        lambda: student.prove(tmp_path, tmp_path, tmp_path / "out"),
    ):
        with pytest.raises(MissingDependencyError, match=library) as caught:
            call()
        assert 'pip install "datawell[student]"' in caught.value.hint


@pytest.mark.parametrize(
    "bad",
    [
        {"preset": "2m"},
        {"minutes": None},
        {"minutes": 0},
        {"tokens": -1},
        {"epochs": 0},
        {"vocab_size": 70_000},
        {"context": 4},
        {"threads": 0},
        {"optimizer": "sgd"},
        {"min_p": 1.0},
        {"colour": "red"},
    ],
)
def test_bad_settings_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(bad)
    with pytest.raises(PluginError):
        build("students", Component("llama", bad))


def test_a_moment_as_a_line() -> None:
    moment = StudentProgress(
        "train",
        seconds=12,
        budget=60,
        share=0.2,
        step=7,
        tokens=7168,
        tokens_per_second=600,
        loss=2.5,
        bits_per_byte=1.25,
        probes={"object": 0.5},
        share_of_peak=0.61,
    )
    assert moment.line() == (
        "student: 12 of 60 CPU-s · step 7 · 7,168 tokens · 600 tokens/CPU-s · loss 2.500"
        " · 1.250 bits/byte · object 0.50 · 61% of peak"
    )
    assert StudentProgress("tokenize").line() == "student: tokenize"

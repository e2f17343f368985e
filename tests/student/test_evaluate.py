"""The whole evaluation, and the comparison with real text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.student.conftest import settings

from datawell.core.errors import UsageError
from datawell.core.randomness import stream
from datawell.student.evaluate import opening
from datawell.student.llama import LlamaStudent
from datawell.student.texts import open_source


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Other text, with other words."""
    file = tmp_path_factory.mktemp("real") / "real.jsonl"
    lines = []
    for number in range(200):
        random = stream(5, "real", number)
        picked = [random.choice(("sun", "sea", "ship", "sail", "storm")) for _ in range(30)]
        lines.append(json.dumps({"text": f"The {' and the '.join(picked)}, number {number}."}))
    file.write_text("\n".join(lines))
    return file


@pytest.fixture(scope="module")
def found(trained: Path, real: Path) -> dict[str, Any]:
    return LlamaStudent(settings(real=str(real))).evaluate(trained)


def test_everything_is_measured_and_written(found: dict[str, Any], trained: Path) -> None:
    assert json.loads((trained / "evaluation.json").read_text()) == found
    held = found["bits_per_byte"]["held_out"]
    assert held["low"] < held["value"] < held["high"]
    assert held["documents"] == 60
    assert found["bits_per_byte"]["real"]["value"] > held["value"]
    for kind in ("agreement", "pronoun", "object", "name"):
        pairs = found["minimal_pairs"][kind]
        assert pairs["n"] > 5
        assert pairs["low"] <= pairs["score"] <= pairs["high"]
        assert pairs["examples"][0]["true"] != pairs["examples"][0]["false"]
    assert found["required_words"]["words"] == 18
    assert 0 <= found["vocabulary"]["in_training"] <= 1
    assert found["vocabulary"]["words"] > 0
    for side in ("student", "held_out"):
        overlap = found["overlap"][side]
        assert overlap["n"] == 6
        assert len(overlap["longest_match"]["lengths"]) == 6
        assert 0 <= overlap["eight_grams"] <= 1
    assert found["wrong_names"]["held_out"] == 0.0


def test_samples_stand_beside_their_nearest_story(found: dict[str, Any], dataset: Path) -> None:
    training = {e.whole for e in open_source(dataset).examples("train")}
    assert len(found["samples"]) == 6
    for sample in found["samples"]:
        assert 0 < sample["begin"] <= len(sample["text"])
        assert sample["nearest"]["text"] in training
        assert 0 < sample["nearest"]["share"] <= 1
        for mark in sample["marks"]:
            assert mark["kind"] in ("unknown_word", "wrong_name", "copied")
            assert 0 <= mark["start"] < mark["end"] <= len(sample["text"])


def test_a_model_is_measured_where_asked(trained: Path, dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no"):
        LlamaStudent(settings()).evaluate(tmp_path)
    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((trained / name).read_bytes())
    with pytest.raises(UsageError, match="does not say"):
        LlamaStudent(settings()).evaluate(tmp_path)
    few = settings(samples=2, pairs=2, lexicon=None)
    found = LlamaStudent(few).evaluate(tmp_path, dataset)
    assert found["bits_per_byte"]["real"] is None
    assert found["required_words"] is None, "without a lexicon inflections are not known"
    assert found["vocabulary"]["in_lexicon"] is None


def test_an_opening_ends_with_a_sentence() -> None:
    text = "Once there was a girl named Lily. She had a red drum. " + "It was very loud. " * 20
    assert opening(text) == "Once there was a girl named Lily. She had a red drum."
    assert opening("Too short.") is None
    assert opening("word " * 100) == ("word " * 16).strip()


def test_usefulness_is_proved_on_equal_bytes(dataset: Path, real: Path, tmp_path: Path) -> None:
    student = LlamaStudent(settings(tokens=12_000, evaluations=1))
    found = student.prove(dataset, real, tmp_path)
    assert json.loads((tmp_path / "useful.json").read_text()) == found
    reports = {
        name: json.loads((tmp_path / "useful" / name / "training.json").read_text())
        for name in ("data", "real")
    }
    assert abs(reports["data"]["bytes"] - reports["real"]["bytes"]) <= 4
    assert reports["data"]["bytes"] == found["bytes"]
    assert found["real"]["bits_per_byte"] < found["data"]["bits_per_byte"]
    assert found["difference"]["low"] > 0
    assert found["documents"] == len(list(open_source(real).examples("test")))
    again = student.prove(dataset, real, tmp_path)
    assert again == found, "finished students are not trained again"

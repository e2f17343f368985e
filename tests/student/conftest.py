"""A small built corpus, and one student trained on it for all tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch

from datawell.core.randomness import stream
from datawell.student.llama import LlamaStudent
from datawell.student.settings import Settings

GIRLS = ("Lily", "Mia", "Anna", "Ella")
BOYS = ("Tom", "Ben", "Max", "Leo")
THINGS = ("ball", "kite", "drum", "doll")


def story(number: int) -> dict[str, Any]:
    """One little story with its plan."""
    random = stream(7, "story", number)
    girl = random.random() < 0.5
    name = random.choice(GIRLS if girl else BOYS)
    thing = random.choice(THINGS)
    colour = random.choice(("red", "blue", "green", "old"))
    he, his = ("she", "her") if girl else ("he", "his")
    text = (
        f"Once there was a {'girl' if girl else 'boy'} named {name}. {he.capitalize()} had a "
        f"{colour} {thing}, and {he} was happy.\n\nThe birds were loud. One day, "
        f"{name} lost the {thing} in number {number}. Then {he} looked and looked, and the "
        f"{thing} was under {his} bed. {name} was glad that {he} had the {thing} again."
    )
    plan = {
        "kind": "story",
        "required": {"noun": thing, "verb": "look", "adjective": colour},
        "characters": [{"name": name, "pronoun": he}],
        "events": [{"id": 1, "action": "lose", "actor": name, "object": thing}],
    }
    return {"text": text, "prompt": "", "plan": plan}


def write_dataset(folder: Path, count: int = 240) -> Path:
    """A dataset folder with splits; every fourth row is an instruction."""
    folder.mkdir(parents=True)
    rows = [story(number) for number in range(count)]
    for number, row in enumerate(rows):
        if number % 4 == 0:
            required = row["plan"]["required"]
            row["prompt"] = f"Words: {required['noun']}, {required['verb']}\nStory:"
    parts = {"train": rows[: -count // 4], "validation": rows[-count // 4 :]}
    for split, part in parts.items():
        frame = pl.DataFrame(
            {
                "text": [r["text"] for r in part],
                "prompt": [r["prompt"] or None for r in part],
                "plan": [json.dumps(r["plan"]) for r in part],
            }
        )
        frame.write_parquet(folder / f"{split}-00000.parquet")
    return folder


def settings(**changes: Any) -> Settings:
    """The smallest student, limited by tokens so that it is the same each time."""
    base: dict[str, Any] = {
        "preset": "300k",
        "minutes": None,
        "tokens": 24_000,
        "vocab_size": 400,
        "context": 128,
        "batch": 4,
        "threads": 1,
        "evaluations": 3,
        "samples": 6,
        "pairs": 20,
        "prompts": ("Once there was",),
    }
    return Settings(**(base | changes))


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder."""
    return write_dataset(tmp_path_factory.mktemp("data") / "dataset")


@pytest.fixture(scope="session")
def trained(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained student's folder."""
    torch.set_num_threads(1)
    return LlamaStudent(settings()).train(dataset, tmp_path_factory.mktemp("student") / "model")

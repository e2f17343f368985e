"""Measure a student without a judge: everything is counted, with its interval and its reference.

``evaluation.json``: ``bits_per_byte`` (``held_out``, ``real``), ``minimal_pairs`` by kind,
``required_words``, ``vocabulary``, ``repetition``, ``overlap``, ``wrong_names``, ``endings``, and
``samples``, each a story with its spans to mark and the nearest training story. Figures of copying,
repetition and names stand beside the same figures of held-out stories cut in the same way: much of
what looks like memory is how the teacher writes. What cannot be measured is null.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM

from datawell.core.errors import UsageError
from datawell.core.lexicon import Lexicon, words
from datawell.core.randomness import stream
from datawell.student import marks
from datawell.student.base import Progress, StudentProgress
from datawell.student.files import write_json
from datawell.student.generate import Completion, complete
from datawell.student.model import load_model, parameter_count
from datawell.student.overlap import (
    Nearest,
    Overlap,
    copied_share,
    is_copy,
    longest,
)
from datawell.student.pairs import make_pairs, take_inventory
from datawell.student.scoring import (
    bits_per_byte,
    bootstrap,
    document_bits,
    prefers_true,
    wilson,
)
from datawell.student.settings import Settings
from datawell.student.texts import Example, Source, open_source
from datawell.student.tokenizer import load_tokenizer

FORMAT = 1
_SCORED_TEXTS = 200
_PAIR_TEXTS = 4_000
_SHOWN_PAIRS = 3
_OPENING_WORDS = 16
_REPEAT = 4


def evaluate(
    settings: Settings, folder: Path, dataset: Path | None, progress: Progress
) -> dict[str, Any]:
    """Measure the model in ``folder`` on the test split of ``dataset``; write ``evaluation.json``.

    Raises:
        UsageError: there is no model, or its dataset is gone.
    """
    # On a busy machine two threads that wait for each other are slower than one.
    torch.set_num_threads(1 if settings.threads == "auto" else int(settings.threads))
    tokenizer, model = load_tokenizer(folder), load_model(folder)
    source = open_source(dataset if dataset is not None else _trained_on(folder))
    held = list(islice(source.examples("test"), _PAIR_TEXTS))
    if not held:
        raise UsageError(f"dataset: {source.path} holds no held-out text")
    lexicon = None if settings.lexicon is None else Lexicon.load(settings.lexicon)
    progress(StudentProgress("evaluate"))
    found: dict[str, Any] = {
        "format": FORMAT,
        "dataset": str(source.path),
        "parameters": parameter_count(model),
        "bits_per_byte": {
            "held_out": score_texts(model, tokenizer, held, settings.seed),
            "real": None if settings.real is None else _score_real(settings, model, tokenizer),
        },
        "minimal_pairs": _score_pairs(settings, model, tokenizer, held),
        "required_words": _required_words(settings, model, tokenizer, held, lexicon),
    }
    found |= _Stories(settings, model, tokenizer, held, lexicon).measure(source)
    write_json(folder / "evaluation.json", found)
    return found


def _trained_on(folder: Path) -> Path:
    report = folder / "training.json"
    if not report.is_file():
        raise UsageError(
            f"model: {folder} does not say what it was trained on", hint="name the dataset"
        )
    return Path(json.loads(report.read_text(encoding="utf-8"))["dataset"])


def score_texts(
    model: LlamaForCausalLM, tokenizer: Tokenizer, examples: Sequence[Example], seed: int
) -> dict[str, Any]:
    """Bits per byte with its 95 % interval over documents."""
    bits = document_bits(model, tokenizer, [e.whole for e in examples[:_SCORED_TEXTS]])
    low, high = bootstrap(bits, seed)
    return {
        "value": bits_per_byte(bits),
        "low": low,
        "high": high,
        "documents": len(bits),
        "bytes": int(bits[:, 1].sum()),
        "method": "bits to the end of the document over UTF-8 bytes; 95 % bootstrap over documents",
    }


def _score_real(
    settings: Settings, model: LlamaForCausalLM, tokenizer: Tokenizer
) -> dict[str, Any]:
    assert settings.real is not None
    held = list(islice(open_source(settings.real).examples("test"), _SCORED_TEXTS))
    if not held:
        raise UsageError(f"real text: {settings.real} holds no held-out text")
    return score_texts(model, tokenizer, held, settings.seed)


def _score_pairs(
    settings: Settings, model: LlamaForCausalLM, tokenizer: Tokenizer, held: Sequence[Example]
) -> dict[str, Any]:
    found = {}
    for kind, pairs in make_pairs(settings, held, tokenizer, settings.pairs).items():
        answers = [(pair, prefers_true(model, tokenizer, pair)) for pair in pairs]
        fitted = [(pair, right) for pair, right in answers if right is not None]
        right = sum(r for _, r in fitted)
        low, high = wilson(right, len(fitted))
        wrong = [{"true": p.true, "false": p.false} for p, r in fitted if not r]
        found[kind] = {
            "score": right / len(fitted) if fitted else None,
            "low": low,
            "high": high,
            "n": len(fitted),
            "method": "share strictly likelier than its corruption; Wilson 95 %",
            "examples": [{"true": p.true, "false": p.false} for p, _ in fitted[:_SHOWN_PAIRS]],
            "mistakes": wrong[:_SHOWN_PAIRS],
        }
    return found


def _required_words(
    settings: Settings,
    model: LlamaForCausalLM,
    tokenizer: Tokenizer,
    held: Sequence[Example],
    lexicon: Lexicon | None,
) -> dict[str, Any] | None:
    """Whether completions of instructions hold the words asked for, in any inflection."""
    asked = [(e, _wanted(e)) for e in held if e.prompt]
    asked = [(e, wanted) for e, wanted in asked if wanted][: settings.samples]
    if not asked or lexicon is None:
        return None
    seed = stream(settings.seed, "required").getrandbits(63)
    prompts = [f"{e.prompt}\n\n" for e, _ in asked]
    written = _write(settings, model, tokenizer, prompts, seed)
    right = total = 0
    for completion, (_, wanted) in zip(written, asked, strict=True):
        present = {lemma for word in words(completion.text) for lemma in lexicon.lemmas(word)}
        present |= set(words(completion.text))
        right += sum(word in present for word in wanted)
        total += len(wanted)
    low, high = wilson(right, total)
    return {"share": right / total, "low": low, "high": high, "words": total, "n": len(asked)}


def _wanted(example: Example) -> list[str]:
    """The words an instruction asks for, in the order of the plan."""
    plan = example.plan or {}
    instruct = plan.get("instruct")
    listed = instruct.get("words") if isinstance(instruct, dict) else None
    required = plan.get("required")
    if listed is None and isinstance(required, dict):
        listed = [required[key] for key in sorted(required)]
    return [word for word in listed or () if isinstance(word, str)]


def _write(
    settings: Settings,
    model: LlamaForCausalLM,
    tokenizer: Tokenizer,
    prompts: Sequence[str],
    seed: int,
) -> list[Completion]:
    return complete(
        model,
        tokenizer,
        prompts,
        seed=seed,
        temperature=settings.temperature,
        min_p=settings.min_p,
    )


@dataclass(frozen=True, slots=True)
class _Story:
    """A story, and where the part that was written after the opening begins."""

    text: str
    begin: int

    @property
    def opening_words(self) -> int:
        return len(words(self.text[: self.begin]))


class _Stories:
    """The student's completions of held-out openings beside how those stories really went on."""

    def __init__(
        self,
        settings: Settings,
        model: LlamaForCausalLM,
        tokenizer: Tokenizer,
        held: Sequence[Example],
        lexicon: Lexicon | None,
    ) -> None:
        self.lexicon = lexicon
        self.names = take_inventory(held, lexicon).names
        chosen = [e for e in held if opening(e.text) is not None][: settings.samples]
        openings = [opening(e.text) or "" for e in chosen]
        self.teacher = [_Story(e.text, len(o)) for e, o in zip(chosen, openings, strict=True)]
        seed = stream(settings.seed, "completions").getrandbits(63)
        self.written = _write(settings, model, tokenizer, openings, seed) if openings else []
        self.student = [_Story(w.prompt + w.text, len(w.prompt)) for w in self.written]

    def measure(self, source: Source) -> dict[str, Any]:
        """All figures of the completions; reads the training text once."""
        if not self.student:
            return {"samples": []}
        stories = self.student + self.teacher
        overlap = Overlap([s.text for s in stories])
        for example in source.examples("train"):
            overlap.read(example.whole)
        matches, nearest, count = overlap.matches(), overlap.nearest(), len(self.student)
        return {
            "vocabulary": self._vocabulary(overlap.types),
            "repetition": _beside(_repetition, self.student, self.teacher),
            "endings": {"share": float(np.mean([w.ended for w in self.written])), "n": count},
            "overlap": {
                "student": _copying(self.student, matches[:count]),
                "held_out": _copying(self.teacher, matches[count:]),
            },
            "wrong_names": _beside(self._wrong_names, self.student, self.teacher),
            "samples": [
                self._sample(story, completion, match, near, overlap.types)
                for story, completion, match, near in zip(
                    self.student, self.written, matches, nearest, strict=False
                )
            ],
        }

    def _known(self, types: set[str], word: str) -> bool:
        return word in types or (self.lexicon is not None and self.lexicon.allowed(word))

    def _vocabulary(self, types: set[str]) -> dict[str, Any]:
        tokens = [w for s in self.student for w in words(s.text[s.begin :])]
        total = max(1, len(tokens))
        allowed = None
        if self.lexicon is not None:
            allowed = sum(map(self.lexicon.allowed, tokens)) / total
        return {
            "in_lexicon": allowed,
            "in_training": sum(w in types for w in tokens) / total,
            "words": len(tokens),
            "types": len(set(tokens)),
            "unknown": sorted({w for w in tokens if not self._known(types, w)}),
        }

    def _wrong_names(self, stories: Sequence[_Story]) -> float:
        return float(
            np.mean([bool(marks.wrong_names(s.text, self.names, s.begin)) for s in stories])
        )

    def _sample(
        self,
        story: _Story,
        completion: Completion,
        matches: NDArray[np.int64],
        near: Nearest,
        types: set[str],
    ) -> dict[str, Any]:
        text, begin = story.text, story.begin
        found = marks.unknown_words(text, lambda word: self._known(types, word), begin)
        found += marks.wrong_names(text, self.names, begin)
        found += marks.copied_runs(text, matches, begin)
        return {
            "text": text,
            "begin": begin,
            "ended": completion.ended,
            "longest_match": longest(matches, story.opening_words),
            "marks": [m.facts() for m in sorted(found, key=lambda m: (m.start, m.end, m.kind))],
            "nearest": {"number": near.number, "share": near.share, "text": near.text},
        }


def opening(text: str) -> str | None:
    """The first sentences of a story, up to about sixteen words; None if that is nearly all."""
    spans = marks.word_spans(text)
    if len(spans) <= 2 * _OPENING_WORDS:
        return None
    end = text.find(".", spans[_OPENING_WORDS // 2][1])
    if end < 0 or end > spans[2 * _OPENING_WORDS][0]:
        return text[: spans[_OPENING_WORDS - 1][1]]
    return text[: end + 1]


def _repetition(stories: Sequence[_Story]) -> float:
    """Share of four-word runs of a story that it has used before."""
    again = total = 0
    for story in stories:
        tokens = words(story.text[story.begin :])
        runs = list(zip(*(tokens[i:] for i in range(_REPEAT)), strict=False))
        again += len(runs) - len(set(runs))
        total += len(runs)
    return again / max(1, total)


def _beside(figure: Any, student: Sequence[_Story], teacher: Sequence[_Story]) -> dict[str, Any]:
    return {"student": figure(student), "held_out": figure(teacher), "n": len(student)}


def _copying(stories: Sequence[_Story], matches: Sequence[NDArray[np.int64]]) -> dict[str, Any]:
    lengths = [longest(m, s.opening_words) for s, m in zip(stories, matches, strict=True)]
    pairs = [copied_share(m, s.opening_words) for s, m in zip(stories, matches, strict=True)]
    return {
        "exact_copies": sum(is_copy(m) for m in matches),
        "eight_grams": sum(a for a, _ in pairs) / max(1, sum(b for _, b in pairs)),
        "longest_match": {
            "median": float(np.median(lengths)),
            "p90": float(np.quantile(lengths, 0.9)),
            "max": max(lengths),
            "lengths": sorted(lengths),
        },
        "n": len(lengths),
    }

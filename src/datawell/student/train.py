"""The training loop: a budget in seconds or tokens, evaluation points, samples, resume.

Only the training steps themselves are counted against the budget; probes, samples and evaluation
are not. The schedule follows the share of the budget used, so that a slow or busy machine gives a
shorter training and not a broken one. With a budget in tokens alone, the weights are the same
however often the training was interrupted.
"""

from __future__ import annotations

import dataclasses
import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM

from datawell.core.errors import UsageError, storage_boundary
from datawell.core.randomness import stream
from datawell.core.records import digest
from datawell.student.base import Progress, StudentProgress
from datawell.student.checkpoint import Position, load_checkpoint, save_checkpoint
from datawell.student.data import TokenFile, Windows, cut, write_tokens
from datawell.student.emphasis import Emphasis
from datawell.student.files import write_json
from datawell.student.generate import complete
from datawell.student.machine import Machine, clock, matmul_gflops, probe
from datawell.student.model import (
    build_model,
    flops_per_token,
    move,
    parameter_count,
    save_model,
    training_loss,
)
from datawell.student.optim import Optimizer, schedule
from datawell.student.pairs import Pair, make_pairs
from datawell.student.scoring import bits_per_byte, document_bits, score_pairs
from datawell.student.settings import Settings
from datawell.student.texts import Source
from datawell.student.tokenizer import load_tokenizer, save_tokenizer, train_tokenizer

FORMAT = 1
_WATCHED_TEXTS = 64
_WATCHED_PAIRS = 60
_PAIR_TEXTS = 1_000
_SPEAK_EVERY_S = 0.5


def train(
    settings: Settings, source: Source, out: Path, progress: Progress, limit: int = 0
) -> dict[str, Any]:
    """Train a student into ``out``; the same call continues, or returns what is finished.

    A finished or half-done training of other data or settings in ``out`` is replaced.

    Args:
        settings: see :class:`Settings`.
        source: its ``train`` examples are learnt, its ``validation`` examples watched.
        out: the model folder.
        progress: told about every moment.
        limit: bytes of training text (0: all).

    Returns:
        The content of ``training.json``.

    Raises:
        UsageError: too little data.
        KeyboardInterrupt: after the checkpoint was written.
    """
    key = digest(FORMAT, settings.model_dump(exclude={"real", *_LATER}), source.key(), limit)
    report = out / "training.json"
    if report.is_file():
        known: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        if known.get("key") == key:
            return known
        report.unlink()
    training = Training(settings, source, out, progress, key, limit)
    return training.run()


_LATER = {"samples", "pairs", "temperature", "min_p", "lexicon"}


@dataclasses.dataclass(frozen=True, slots=True)
class Watch:
    """What is looked at during training: held-out texts and pairs, and beginnings to continue."""

    texts: list[str]
    pairs: dict[str, list[Pair]]


class Training:
    """One training: its parts are made in order, then :meth:`run` loops over steps."""

    def __init__(
        self,
        settings: Settings,
        source: Source,
        out: Path,
        progress: Progress,
        key: str,
        limit: int,
    ) -> None:
        self.settings, self.out, self.progress, self.key = settings, out, progress, key
        self.source = source
        self.work = out / "unfinished"
        self.tokenizer, self.data = self._read(limit)
        self.windows = Windows(self.data.ids, settings.context, settings.batch, settings.seed)
        self.watch = make_watch(settings, source, self.tokenizer)
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        size = self.tokenizer.get_vocab_size()
        self.emphasis = Emphasis(self.data.ids, size, settings.emphasis, self.device)
        self.model, self.optimizer = self._fresh()
        self.position = self._resume()
        self.machine = self._probe()
        self.model.train()
        self.flops = flops_per_token(self.model.config)

    def _read(self, limit: int) -> tuple[Tokenizer, TokenFile]:
        marker = self.work / "key"
        with storage_boundary("student", self.out):
            self.work.mkdir(parents=True, exist_ok=True)
            if not marker.is_file() or marker.read_text() != self.key:
                for file in sorted(self.work.iterdir()):
                    file.unlink()
                (self.out / "tokenizer.json").unlink(missing_ok=True)
                marker.write_text(self.key)
        if not (self.out / "tokenizer.json").is_file():
            self.progress(StudentProgress("tokenize"))
            texts = cut(self.source.examples("train"), limit)
            learnt = train_tokenizer(texts, self.settings.vocab_size)
            save_tokenizer(learnt, self.out, self.settings.context)
        tokenizer = load_tokenizer(self.out)
        self.progress(StudentProgress("encode"))
        examples = self.source.examples("train")
        data = write_tokens(examples, tokenizer, self.work / "train.bin", self.key, limit)
        return tokenizer, data

    def _fresh(self) -> tuple[LlamaForCausalLM, Optimizer]:
        s = self.settings
        seed = stream(s.seed, "weights").getrandbits(63)
        size = self.tokenizer.get_vocab_size()
        model = build_model(s.preset, size, s.context, seed, s.copying)
        move(model, self.device)
        return model, make_optimizer(model, s)

    def _resume(self) -> Position:
        file = self.work / "checkpoint.safetensors"
        if not file.is_file():
            return Position()
        position, weights, optimizer = load_checkpoint(file)
        self.model.load_state_dict(weights, strict=False)
        self.optimizer.restore(optimizer)
        return position

    def _probe(self) -> Machine:
        if self.position.machine:
            machine = Machine(**self.position.machine)
            torch.set_num_threads(machine.threads)
            return machine
        self.progress(StudentProgress("probe"))
        machine = probe(self._training_rate, self.settings.threads, self.device)
        self.position.machine = machine.facts()
        return machine

    def _training_rate(self, dtype: str) -> float:
        """Tokens a wall second of a throw-away model's steps, over about half a second."""
        model, optimizer = self._fresh()
        rate = 0.0
        for seconds in (0.1, 0.4):
            start, count = time.perf_counter(), 0
            while time.perf_counter() - start < seconds:
                inputs, targets = (x.to(self.device) for x in self.windows(0))
                learn(model, optimizer, inputs, targets, dtype=dtype, scale=0.0)
                count += inputs.numel()
            rate = count / (time.perf_counter() - start)
        return rate

    def run(self) -> dict[str, Any]:
        """Train to the end of the budget, then write the model and ``training.json``."""
        now = clock(self.device)
        spoken = 0.0
        with _interruptible() as interrupted:
            self._evaluate_when_due(None)
            while self.share < 1:
                begin = now()
                loss = self._step()
                self.position.seconds += now() - begin
                if time.monotonic() - spoken > _SPEAK_EVERY_S:
                    spoken = time.monotonic()
                    self.progress(self._moment(float(loss)))
                self._evaluate_when_due(loss)
                if interrupted:
                    self._save()
                    raise KeyboardInterrupt
        return self._finish()

    def _step(self) -> torch.Tensor:
        inputs, targets = (x.to(self.device) for x in self.windows(self.position.step))
        loss = learn(
            self.model,
            self.optimizer,
            inputs,
            targets,
            dtype=self.machine.dtype,
            scale=schedule(self.share, self.position.step),
            weights=self.emphasis.weights(inputs, targets, self.share),
        )
        self.position.step += 1
        self.position.tokens += inputs.numel()
        return loss

    @property
    def share(self) -> float:
        """Share of the budget used: of seconds, tokens or epochs, whichever is further."""
        s, p = self.settings, self.position
        parts = []
        if s.minutes is not None:
            parts.append(p.seconds / (60 * s.minutes))
        if s.tokens is not None:
            parts.append(p.tokens / s.tokens)
        if s.epochs is not None:
            parts.append(p.tokens / (s.epochs * len(self.data.ids)))
        return max(parts)

    def _moment(self, loss: float | None) -> StudentProgress:
        p, minutes = self.position, self.settings.minutes
        rate = p.tokens / p.seconds if p.seconds else 0.0
        last = p.curve[-1] if p.curve else {}
        return StudentProgress(
            stage="train",
            seconds=p.seconds,
            budget=None if minutes is None else 60 * minutes,
            share=min(1.0, self.share),
            step=p.step,
            tokens=p.tokens,
            tokens_per_second=rate,
            loss=loss,
            bits_per_byte=last.get("bits_per_byte"),
            probes={k: v["score"] for k, v in last.get("probes", {}).items() if v["n"]},
            share_of_peak=rate * self.flops / self.machine.matmul_gflops / 1e9,
            sample=last.get("sample", ""),
            clock="CPU-s" if self.device == "cpu" else "s",
        )

    def _evaluate_when_due(self, loss: torch.Tensor | None) -> None:
        """At share (k/n)^2 of the budget, for k = 0 to n: look, tell, and write a checkpoint."""
        points = self.settings.evaluations
        if self.share < (self.position.evaluated / points) ** 2:
            return
        while (
            self.position.evaluated <= points
            and self.share >= (self.position.evaluated / points) ** 2
        ):
            self.position.evaluated += 1
        self.position.curve.append(self._look(None if loss is None else float(loss)))
        self.progress(self._moment(None if loss is None else float(loss)))
        self._save()

    def _look(self, loss: float | None) -> dict[str, Any]:
        p = self.position
        self.model.train(False)
        bits = bits_per_byte(document_bits(self.model, self.tokenizer, self.watch.texts))
        probes = {}
        for kind, pairs in self.watch.pairs.items():
            right, count = score_pairs(self.model, self.tokenizer, pairs)
            probes[kind] = {"score": right / count if count else None, "n": count}
        written = complete(
            self.model,
            self.tokenizer,
            self.settings.prompts,
            seed=stream(self.settings.seed, "sample", p.step).getrandbits(63),
            temperature=self.settings.temperature,
            min_p=self.settings.min_p,
        )
        self.model.train()
        return {
            "seconds": round(p.seconds, 3),
            "share": round(min(1.0, self.share), 5),
            "step": p.step,
            "tokens": p.tokens,
            "loss": loss,
            "bits_per_byte": bits,
            "probes": probes,
            "sample": written[0].prompt + written[0].text if written else "",
            "samples": [{"prompt": w.prompt, "text": w.text} for w in written],
        }

    def _save(self) -> None:
        weights = {k: v for k, v in self.model.state_dict().items() if k != "lm_head.weight"}
        file = self.work / "checkpoint.safetensors"
        save_checkpoint(file, self.position, weights, self.optimizer.state())

    def _finish(self) -> dict[str, Any]:
        p, m = self.position, self.machine
        after = matmul_gflops(self.device)
        mean = (m.matmul_gflops + after) / 2
        rate = p.tokens / p.seconds
        found = {
            "format": FORMAT,
            "key": self.key,
            "settings": self.settings.model_dump(mode="json"),
            "dataset": str(self.source.path),
            "parameters": parameter_count(self.model),
            "vocabulary": self.tokenizer.get_vocab_size(),
            "documents": self.data.documents,
            "bytes": self.data.bytes,
            "training_tokens": len(self.data.ids),
            "epochs": p.tokens / len(self.data.ids),
            "steps": p.step,
            "tokens": p.tokens,
            "seconds": p.seconds,
            "clock": m.clock,
            "tokens_per_second": rate,
            "flops_per_token": self.flops,
            "gflops": rate * self.flops / 1e9,
            "machine": {**m.facts(), "matmul_gflops_after": after},
            "share_of_peak": rate * self.flops / 1e9 / mean,
            "curve": p.curve,
        }
        with storage_boundary("student", self.out):
            move(self.model, "cpu")
            save_model(self.model, self.out)
            samples = [{"step": c["step"], "samples": c["samples"]} for c in p.curve]
            write_json(self.out / "samples.json", samples)
            write_json(self.out / "training.json", found)
            for file in sorted(self.work.iterdir()):
                file.unlink()
            self.work.rmdir()
        return found


def learn(
    model: LlamaForCausalLM,
    optimizer: Optimizer,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    *,
    dtype: str,
    scale: float,
    weights: torch.Tensor | None = None,
) -> torch.Tensor:
    """One step: the plain loss before it, in nats a token; ``weights`` as in training_loss."""
    half = dtype == "bfloat16"
    with torch.autocast(inputs.device.type, torch.bfloat16, enabled=half):
        loss, plain = training_loss(model, inputs, targets, weights)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step(scale, torch.bfloat16 if half else torch.float32)
    return plain


def make_optimizer(model: LlamaForCausalLM, settings: Settings) -> Optimizer:
    """The optimiser the settings name."""
    return Optimizer(
        model,
        kind=settings.optimizer,
        learning_rate=settings.learning_rate,
        matrix_learning_rate=settings.matrix_learning_rate,
        weight_decay=settings.weight_decay,
    )


def make_watch(settings: Settings, source: Source, tokenizer: Tokenizer) -> Watch:
    """Held-out texts and pairs, the same at every evaluation point.

    Raises:
        UsageError: there is no held-out text.
    """
    held = list(islice(source.examples("validation"), _PAIR_TEXTS))
    if not held:
        raise UsageError(
            f"dataset: {source.path} holds no held-out text",
            hint="give more documents, or a validation split",
        )
    pairs = make_pairs(settings, held, tokenizer, _WATCHED_PAIRS) if settings.probes else {}
    return Watch([e.whole for e in held[:_WATCHED_TEXTS]], pairs)


@contextmanager
def _interruptible() -> Iterator[list[int]]:
    """Turn the interrupt key into an entry of a list, so that no step is cut in half."""
    seen: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield seen
        return
    before = signal.signal(signal.SIGINT, lambda number, _: seen.append(number))
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)

"""The settings of a student, checked without loading a learning library."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from datawell.core.params import Params

Preset = Literal["300k", "1m", "3m", "10m"]


class Settings(Params):
    """How large a student is, how long it learns, and how it is watched."""

    preset: Preset = "1m"
    """Size of the model: about 0.3, 1, 3 or 10 million parameters."""
    minutes: float | None = Field(default=3.0, gt=0)
    """Stop after this much training: CPU-minutes of the process (all its threads), or minutes on
    an accelerator. Probes, samples and evaluation are not counted. Null: no such limit."""
    tokens: int | None = Field(default=None, gt=0)
    """Stop after this many training tokens. Null: no such limit. Of several limits, the first."""
    epochs: float | None = Field(default=None, gt=0)
    """Stop after reading the training text this many times. Null: no such limit."""
    vocab_size: int = Field(default=4096, ge=300, le=65_536)
    """Entries of the vocabulary trained on the data (at most): words, and pieces of the rest."""
    context: int = Field(default=256, ge=16, le=4096)
    """Tokens the model sees at once, and length of a training window."""
    batch: int = Field(default=4, ge=1)
    """Windows a step."""
    optimizer: Literal["muon", "adamw"] = "muon"
    """Muon for the hidden matrices with AdamW for the rest, or AdamW for all."""
    learning_rate: float = Field(default=4e-3, gt=0)
    """Peak learning rate of AdamW."""
    matrix_learning_rate: float = Field(default=0.01, gt=0)
    """Peak learning rate of Muon."""
    weight_decay: float = Field(default=0.05, ge=0)
    """Decoupled decay of the hidden matrices."""
    copying: float = Field(default=1.5, ge=0)
    """How much of what it looks at a fresh attention layer adds, so that words of the text are
    likely to come again before anything was learnt; 0: small random maps."""
    emphasis: float = Field(default=6.0, ge=0)
    """Extra weight in the loss, at the start, of rare words that the window held before: names and
    objects. It falls to nothing by the end of the budget; 0: none."""
    seed: int = 0
    """Root of all randomness: first weights, order of the data, samples."""
    threads: Literal["auto"] | int = "auto"
    """Threads of the training process; auto measures one and all cores for a second each."""
    evaluations: int = Field(default=10, ge=1)
    """Evaluation points, denser at the start: number k of n comes at the share (k/n)^2."""
    probes: bool = True
    """Score minimal pairs at each evaluation point."""
    prompts: tuple[str, ...] = ("Once upon a time", "One day")
    """Beginnings continued at each evaluation point."""
    samples: int = Field(default=32, ge=1)
    """Completions written in the final evaluation."""
    pairs: int = Field(default=200, ge=1)
    """Minimal pairs of each kind in the final evaluation (at most)."""
    temperature: float = Field(default=0.7, gt=0)
    """Temperature of sampling."""
    min_p: float = Field(default=0.05, ge=0, lt=1)
    """Tokens less likely than this share of the likeliest are never drawn."""
    lexicon: str | None = "child"
    """Allowed words for the vocabulary figure: a shipped name, a file, or null for none."""
    real: str | None = None
    """Real text (folder, .parquet, .jsonl or .txt): scored too, and used to prove usefulness."""

    @model_validator(mode="after")
    def _some_limit(self) -> Settings:
        if self.minutes is None and self.tokens is None and self.epochs is None:
            raise ValueError("one of minutes, tokens and epochs must be set")
        if self.threads != "auto" and self.threads < 1:
            raise ValueError("threads must be auto or at least 1")
        return self

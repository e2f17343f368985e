"""The model behind ``hf``: the one file of this room that imports torch and transformers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
)

from datawell.core.errors import RequestRejected, UsageError
from datawell.core.records import Message

if TYPE_CHECKING:
    from datawell.teachers.hf import HFTeacher

Written = tuple[str, str, int, int]


class Model:
    """A causal language model and its tokenizer, from a local folder. For one thread.

    Raises:
        UsageError: it cannot be loaded from safetensors and known code alone.
    """

    def __init__(self, path: Path, params: HFTeacher.Params) -> None:
        self._params = params
        name = params.device
        self.device = ("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name
        plain = "float32" if self.device == "cpu" else "bfloat16"
        dtype = getattr(torch, plain if params.dtype == "auto" else params.dtype)
        only: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(path, padding_side="left", **only)
            model: Any = AutoModelForCausalLM.from_pretrained(
                path, use_safetensors=True, dtype=dtype, **only
            )
            self._model = model.to(self.device).eval()
            self._ends = _ends(self._model, self._tokenizer)
            # What the folder says of drawing gives way to the teacher's own settings.
            settings: Any = GenerationConfig
            self._model.generation_config = settings()
        except Exception as error:
            why = " ".join(str(error).split())[:300]
            raise UsageError(
                f"hf: {path} cannot be loaded: {type(error).__name__}: {why}",
                hint="it must load with transformers from safetensors, without code of its own",
            ) from error
        self._context = getattr(
            self._model.config.get_text_config(), "max_position_embeddings", None
        )
        self._fill = self._tokenizer.pad_token_id
        if self._fill is None:
            self._fill = self._ends[0] if self._ends else 0
        self._stopped = threading.Event()
        self._at_once = params.batch_size

    def stop(self) -> None:
        """End what is being written; from any thread."""
        self._stopped.set()

    def write(
        self, prompts: Sequence[tuple[Sequence[Message], Random]]
    ) -> list[Written | RequestRejected]:
        """For each prompt (messages, its own draws): text, why it ended, tokens read, tokens
        written; or why it cannot be answered."""
        found: list[Written | RequestRejected | None] = [None] * len(prompts)
        fit: list[tuple[int, list[int], Random]] = []
        for at, (messages, random) in enumerate(prompts):
            try:
                fit.append((at, self._ids(messages), random))
            except RequestRejected as error:
                found[at] = error
        while fit:
            # Only prompts with equal room share a batch: nobody is cut short by company.
            room = self._room(fit[0][1])
            part = [one for one in fit if self._room(one[1]) == room][: self._at_once]
            taken = {at for at, _, _ in part}
            fit = [one for one in fit if one[0] not in taken]
            try:
                written = self._write([ids for _, ids, _ in part], [r for _, _, r in part], room)
            except torch.OutOfMemoryError:
                if len(part) == 1:
                    raise
                self._at_once = max(1, len(part) // 2)
                fit = part + fit
                continue
            for (at, _, _), outcome in zip(part, written, strict=True):
                found[at] = outcome
        return [outcome for outcome in found if outcome is not None]

    def _ids(self, messages: Sequence[Message]) -> list[int]:
        """The prompt as tokens, with room for at least one more."""
        if self._params.template == "plain" or (
            self._params.template == "auto" and not self._tokenizer.chat_template
        ):
            text = "".join(f"{message['content']}\n\n" for message in messages)
            ids = list(self._tokenizer(text)["input_ids"])
            start = self._tokenizer.bos_token_id
            if start is not None and ids[:1] != [start]:
                ids = [start, *ids]
        else:
            try:
                text = self._tokenizer.apply_chat_template(
                    [dict(message) for message in messages],
                    tokenize=False,
                    add_generation_prompt=True,
                )
            except Exception as error:
                why = " ".join(str(error).split())[:300]
                raise RequestRejected(f"the model's chat template refuses: {why}") from error
            ids = list(self._tokenizer(text, add_special_tokens=False)["input_ids"])
        if not ids:
            raise RequestRejected("the prompt is empty")
        if self._context is not None and len(ids) >= self._context:
            raise RequestRejected(
                f"the prompt has {len(ids)} tokens, the model's context {self._context}"
            )
        return ids

    def _room(self, ids: Sequence[int]) -> int:
        """How many tokens may follow a prompt."""
        most = self._params.max_output_tokens
        return most if self._context is None else min(most, self._context - len(ids))

    @torch.inference_mode()
    def _write(
        self, prompts: Sequence[list[int]], randoms: Sequence[Random], room: int
    ) -> list[Written]:
        """One batch, padded on the left."""
        width = max(map(len, prompts))
        ids = torch.full((len(prompts), width), self._fill, dtype=torch.long)
        seen = torch.zeros_like(ids)
        for at, prompt in enumerate(prompts):
            ids[at, width - len(prompt) :] = torch.tensor(prompt)
            seen[at, width - len(prompt) :] = 1
        draws = _Draws(randoms, self._params.temperature, self._params.top_p)
        facts: dict[str, Any] = {"eos_token_id": self._ends or None, "pad_token_id": self._fill}
        settings: Any = GenerationConfig
        out = self._model.generate(
            input_ids=ids.to(self.device),
            attention_mask=seen.to(self.device),
            generation_config=settings(do_sample=False, max_new_tokens=room, **facts),
            logits_processor=LogitsProcessorList([draws]),
            stopping_criteria=StoppingCriteriaList([_Until(self._stopped)]),
        )
        return [
            self._told(len(prompt), row)
            for prompt, row in zip(prompts, out[:, width:].tolist(), strict=True)
        ]

    def _told(self, read: int, row: list[int]) -> Written:
        end = next((at for at, token in enumerate(row) if token in self._ends), None)
        kept = row if end is None else row[:end]
        text = self._tokenizer.decode(kept, skip_special_tokens=True).strip()
        ended = "length" if end is None else "stop"
        return text, ended, read, len(kept) + (end is not None)


class _Draws(LogitsProcessor):
    """Draws one token a row, each row from its own stream, and leaves only that one to choose."""

    def __init__(self, randoms: Sequence[Random], temperature: float, top_p: float) -> None:
        self._randoms = randoms
        self._temperature = temperature
        self._top_p = top_p

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        if not self._temperature:
            return scores
        shares = torch.softmax(scores.double() / self._temperature, -1)
        if self._top_p < 1:
            shares = _nucleus(shares, self._top_p)
        below = shares.cumsum(-1)
        drawn = torch.tensor([[r.random()] for r in self._randoms], dtype=below.dtype)
        places = torch.searchsorted(below, drawn.to(below.device) * below[:, -1:], right=True)
        chosen = places.clamp(max=shares.shape[-1] - 1)
        return torch.full_like(scores, -torch.inf).scatter(1, chosen, 0.0)


def _nucleus(shares: Tensor, top_p: float) -> Tensor:
    """Zero for all but the likeliest tokens that hold ``top_p`` together (Holtzman et al. 2020)."""
    ordered, places = shares.sort(-1, descending=True)
    ordered[ordered.cumsum(-1) - ordered >= top_p] = 0.0
    return torch.zeros_like(shares).scatter(1, places, ordered)


class _Until(StoppingCriteria):
    """Ends every row once the event is set."""

    def __init__(self, event: threading.Event) -> None:
        self._event = event

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        return torch.full((input_ids.shape[0],), self._event.is_set(), device=input_ids.device)


def _ends(model: Any, tokenizer: Any) -> list[int]:
    """The tokens that end an answer."""
    named = getattr(model.generation_config, "eos_token_id", None)
    if named is None:
        named = tokenizer.eos_token_id
    if named is None:
        return []
    return list(named) if isinstance(named, (list, tuple)) else [int(named)]

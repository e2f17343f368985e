"""A model in this process: a folder in Hugging Face form, run by transformers.

The libraries are loaded with the first answer, by ``hf_model``, the only file here that names them.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, computed_field

from datawell.core import params
from datawell.core.errors import (
    DatawellError,
    MissingDependencyError,
    ProviderFault,
    UsageError,
    storage_boundary,
)
from datawell.core.randomness import stream
from datawell.teachers.base import Answer, Price, Reply, Request
from datawell.teachers.chat_reply import read_chat

if TYPE_CHECKING:
    from datawell.teachers.hf_model import Model

LIBRARIES = ("torch", "transformers", "safetensors")
# What of a folder decides the words; a README does not.
DECIDE = (".safetensors", ".json", ".model", ".jinja", ".txt")
GATHER = 0.01  # seconds in which rows that are about to ask may join a batch


class HFTeacher:
    """One model of a local folder; concurrent requests are answered together, in batches.

    Weights are safetensors and nothing else: other files of weights are pickles, which run code as
    they are read. Code in the folder is not run. ``model`` is the folder's name with a digest of
    its contents, so that other weights are another teacher.

    Each request draws from a stream of its own, named by ``seed`` and its sample. Rounding depends
    on who shares a batch, and on device and library, so the same request may in rare cases give
    other words in other company: its answers are not ``recomputable``. They go to the ledger as if
    paid, at a price of nothing, and a resumed run reads them there. With ``batch_size: 1`` one
    machine gives the same words every time.

    Raises:
        UsageError: the folder is missing, or holds no model that may be read.
    """

    class Params(params.Params):
        """Which model, and how it draws."""

        operational: ClassVar[frozenset[str]] = frozenset({"path", "batch_size", "device"})

        path: str
        """A folder with config.json, a tokenizer and *.safetensors."""
        temperature: float = Field(default=1.0, ge=0, le=5)
        """Sampling temperature; 0 takes the likeliest token."""
        top_p: float = Field(default=1.0, gt=0, le=1)
        """Nucleus sampling."""
        max_output_tokens: int = Field(default=512, ge=1)
        """The most tokens of one answer, and fewer where the model's context ends before."""
        seed: int = 0
        """Root of the draws; mixed with the name of the sample."""
        template: Literal["auto", "chat", "plain"] = "auto"
        """How messages become one text: the tokenizer's chat template, or plain text, one message
        after the other, for the model to continue. auto: the template where there is one."""
        dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
        """Of the weights as they are used. auto: bfloat16 on an accelerator, float32 without."""
        batch_size: int = Field(default=16, ge=1, le=4096)
        """Requests answered together at most; halved by itself where memory runs out."""
        device: str = Field(default="auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$")
        """cpu, cuda or cuda:N. auto: the accelerator where there is one."""

        @computed_field
        def content(self) -> str:
            """A digest of the folder's contents, for a recipe's fingerprint."""
            return content_of(Path(self.path))

    recomputable = False
    native_schema = False
    price: Price | None = Price(0.0, 0.0)

    def __init__(self, params: Params) -> None:
        self.params = params
        self.path = Path(params.path)
        self.model = f"hf:{self.path.resolve().name}@{content_of(self.path)[:12]}"
        self.max_output_tokens = params.max_output_tokens
        named = ("temperature", "top_p", "max_output_tokens", "seed", "template", "dtype")
        self.settings: Mapping[str, Any] = {name: getattr(params, name) for name in named}
        self._waiting: deque[_Waiting] = deque()
        self._working: asyncio.Task[None] | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._model: Model | None = None

    def check(self) -> None:
        """Are the libraries there?

        Raises:
            MissingDependencyError: one is not installed.
        """
        for library in LIBRARIES:
            if find_spec(library) is None:
                raise MissingDependencyError(
                    f"the teacher {self.model} needs the library {library!r}",
                    hint="pip install 'datawell[student]'",
                )

    async def send(self, request: Request) -> Answer:
        """Answer one request, together with others that wait.

        Raises:
            RequestRejected: the chat template refuses the messages, or they fill the context.
            UsageError: the folder's model cannot be loaded.
            ProviderFault: the model failed.
        """
        if request.tries is not None:
            await request.tries.begin()
        waiting = _Waiting(request, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return Answer(await waiting.answer)

    async def _work(self) -> None:
        """Answer batches until nobody waits."""
        while self._waiting:
            await asyncio.sleep(GATHER)
            batch: list[_Waiting] = []
            while self._waiting and len(batch) < self.params.batch_size:
                waiting = self._waiting.popleft()
                if not waiting.answer.done():  # cancelled while it waited
                    batch.append(waiting)
            if not batch:
                continue
            if self._thread is None:
                self._thread = ThreadPoolExecutor(1, thread_name_prefix="datawell-hf")
            loop = asyncio.get_running_loop()
            told = [waiting.request for waiting in batch]
            try:
                outcomes = await loop.run_in_executor(self._thread, self._answer, told)
            except BaseException as error:
                for waiting in batch:
                    waiting.end(error if isinstance(error, DatawellError) else _fault(error))
                if not isinstance(error, Exception):
                    raise
            else:
                for waiting, outcome in zip(batch, outcomes, strict=True):
                    waiting.end(outcome)

    def _answer(self, requests: Sequence[Request]) -> list[str | DatawellError]:
        """What becomes of each request; in the model's own thread."""
        if self._model is None:
            from datawell.teachers.hf_model import Model

            self._model = Model(self.path, self.params)
        seed = self.params.seed
        prompts = [
            (request.messages, stream(seed, "sample", request.sample)) for request in requests
        ]
        return [
            written if isinstance(written, DatawellError) else _body(*written)
            for written in self._model.write(prompts)
        ]

    def parse(self, answer: Answer) -> Reply:
        """Read an answer; it has the form of a chat completion."""
        return read_chat(answer.body)

    async def close(self) -> None:
        """Let go of the model; a later send loads it again."""
        if self._model is not None:
            self._model.stop()
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(thread.shutdown, cancel_futures=True)
        self._model = None


@dataclass(slots=True)
class _Waiting:
    """A request, and where its answer is awaited."""

    request: Request
    answer: asyncio.Future[str]

    def end(self, outcome: str | BaseException) -> None:
        if self.answer.done():
            return
        if isinstance(outcome, str):
            self.answer.set_result(outcome)
        else:
            self.answer.set_exception(outcome)


def _fault(error: BaseException) -> ProviderFault:
    why = " ".join(str(error).split())[:300]
    fault = ProviderFault(f"the model failed: {type(error).__name__}: {why}")
    fault.__cause__ = error
    return fault


def _body(text: str, finish: str, read: int, wrote: int) -> str:
    """An answer in the form of a chat completion, which everything here can read."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    usage = {"prompt_tokens": read, "completion_tokens": wrote}
    return json.dumps({"object": "chat.completion", "choices": [choice], "usage": usage})


def content_of(folder: Path) -> str:
    """A digest of the model in ``folder``: every file that decides its words.

    Raises:
        UsageError: it is no folder, or holds no configuration or no safetensors.
    """
    if not folder.is_dir():
        raise UsageError(
            f"hf: {folder} is no folder",
            hint="give the folder of a model on this machine; nothing is downloaded",
        )
    with storage_boundary("the model", folder):
        files = sorted(p for p in folder.iterdir() if p.suffix in DECIDE and p.is_file())
        stats = [path.stat() for path in files]
    names = {path.name for path in files}
    if not any(name.endswith(".safetensors") for name in names):
        others = sorted(p.name for p in folder.glob("*") if p.suffix in (".bin", ".pt", ".pth"))
        holds = f"; it has {', '.join(others[:3])}, which may run code when read" if others else ""
        raise UsageError(
            f"hf: {folder} holds no safetensors weights{holds}",
            hint="have the model saved as safetensors: model.save_pretrained(FOLDER)",
        )
    if "config.json" not in names:
        raise UsageError(f"hf: {folder} holds no config.json", hint="give the model's own folder")
    marks = tuple((s.st_ino, s.st_size, s.st_mtime_ns) for s in stats)
    return _digest(tuple(files), marks)


@lru_cache(maxsize=64)
def _digest(files: tuple[Path, ...], marks: tuple[tuple[int, int, int], ...]) -> str:
    """A digest over names and contents; ``marks`` tell a changed file from one already read."""
    whole = hashlib.blake2b(digest_size=16)
    for path in files:
        with storage_boundary("the model", path), path.open("rb") as file:
            content = hashlib.file_digest(file, "blake2b").hexdigest()
        whole.update(f"{path.name}\0{content}\n".encode())
    return whole.hexdigest()

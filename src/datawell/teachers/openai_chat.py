"""Any endpoint that speaks OpenAI's chat completions: vendors, vLLM, llama.cpp, Ollama."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any, ClassVar

from pydantic import Field

from datawell.core.randomness import stream
from datawell.teachers.base import Answer, Price, Reply, Request
from datawell.teachers.batch_files import BatchFiles
from datawell.teachers.chat_reply import read_chat
from datawell.teachers.chat_schema import response_format
from datawell.teachers.chat_stream import whole_chat
from datawell.teachers.limits import Caller, Patience
from datawell.teachers.remote import Remote, RemoteParams

BATCH_SECONDS, BATCH_RETRIES = 3600.0, 20  # files are large, and a batch may wait


class OpenAIChat(Remote):
    """One model behind ``POST {base_url}/chat/completions``.

    A complete 2xx body is returned as it came, whatever it holds: it is paid for, so it goes to the
    ledger first, and :meth:`parse` says whether it is an answer. A streamed answer is put together
    into the one it spells. What is retried, and when, stands in ``limits``.

    Several samples of one prompt are several calls, never ``n``: each has its own key, so each is
    committed, counted and asked again alone, and what ``n`` would save, the prompt's tokens, a
    provider's own prompt cache saves too.
    """

    class Params(RemoteParams):
        """What to call, and how patiently."""

        seed: int | None = None
        """Sent mixed with the name of the sample, so that equal prompts still differ."""
        logprobs: int | None = Field(default=None, ge=0, le=20)
        """Ask for the log-probability of each token, and of so many likeliest others. They stay in
        the raw answer; ``Reply.logprobs`` holds those of the tokens written."""
        batch: bool = False
        """Send requests in batch files: answered within a day, at a lower price (``batch_factor``
        in endpoints.yaml; a price given here is taken as it is). The run proceeds in rounds."""
        batch_size: int = Field(default=10_000, ge=1, le=50_000)
        """Requests in one file at most."""
        batch_files: int = Field(default=4, ge=1, le=100)
        """Files out at once at most."""
        batch_poll_seconds: float = Field(default=30.0, gt=0)
        """Seconds between two looks at how far a batch is."""

        operational: ClassVar[frozenset[str]] = RemoteParams.operational | {
            "batch",
            "batch_size",
            "batch_files",
            "batch_poll_seconds",
        }

    vendor = "openai"
    reserved = frozenset({"model", "messages", "stream", "stream_options", "n"})
    params: Params

    def _settings(self) -> dict[str, Any]:
        return {
            "temperature": self.params.temperature,
            "top_p": self.params.top_p,
            self.endpoint.limit_key: self.params.max_output_tokens,
            self.endpoint.seed_key: self.params.seed,
            "logprobs": None if self.params.logprobs is None else True,
            "top_logprobs": self.params.logprobs,
        }

    def _price(self) -> Price | None:
        full, factor = super()._price(), self.endpoint.batch_factor
        if full is None or not self.params.batch or self.params.price is not None:
            return full
        if factor is None:
            return None  # cheaper, but nobody knows by how much
        cached = None if full.cached_input is None else full.cached_input * factor
        return Price(full.input * factor, full.output * factor, cached)

    @cached_property
    def batches(self) -> BatchFiles:
        """The endpoint's batch files; used while ``batching``."""
        patience = Patience(BATCH_SECONDS, self.params.first_byte_timeout, BATCH_RETRIES, 8)
        return BatchFiles(
            self._open,
            Caller(f"{self.who} (batch files)", patience, self._clock, self._jitter),
            self._body,
            size=self.params.batch_size,
            files=self.params.batch_files,
            poll_seconds=self.params.batch_poll_seconds,
        )

    @property
    def batching(self) -> bool:
        """Whether requests leave in batch files."""
        return self.params.batch

    def body(self, request: Request) -> bytes:
        """The exact bytes that are sent for a request.

        Raises:
            PluginError: the request's settings name a field the teacher itself fills.
        """
        value = self._body(request)
        if self.params.stream:
            value["stream"] = True
            if self.endpoint.stream_usage:
                value["stream_options"] = {"include_usage": True}
        return json.dumps(value, separators=(",", ":")).encode()

    def _body(self, request: Request) -> dict[str, Any]:
        value: dict[str, Any] = {"model": self.params.model, "messages": list(request.messages)}
        value |= self._fields(request)
        if self.params.seed is not None:
            mixed = stream(self.params.seed, "sample", request.sample).getrandbits(31)
            value[self.endpoint.seed_key] = mixed
        if request.schema is not None:
            value |= response_format(request.schema, self.schema_mode)
        return value

    async def send(self, request: Request) -> Answer:
        """Send one request, retrying as ``limits`` allows.

        Raises:
            UsageError: the key is not in the environment.
            ProviderError: the endpoint failed for good, or refuses this request.
        """
        wire, data, streamed = self._open(), self.body(request), self.params.stream

        async def attempt(left: float) -> str:
            body = await wire.request("POST", "/chat/completions", data, left, stream=streamed)
            return whole_chat(body) if streamed else body

        return Answer(await self._caller.call(attempt, request.tries, len(data)))

    def parse(self, answer: Answer) -> Reply:
        """Read a raw answer; see :func:`~datawell.teachers.chat_reply.read_chat`.

        Raises:
            BadReply: it is no chat completion or holds no text.
            RequestRejected: the model refused.
        """
        return read_chat(answer.body)

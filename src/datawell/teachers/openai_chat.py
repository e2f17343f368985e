"""Any endpoint that speaks OpenAI's chat completions: vendors, vLLM, llama.cpp, Ollama."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field

from datawell.core.randomness import stream
from datawell.teachers.base import Answer, Reply, Request
from datawell.teachers.chat_reply import read_chat
from datawell.teachers.chat_schema import response_format
from datawell.teachers.chat_stream import whole_chat
from datawell.teachers.remote import Remote, RemoteParams


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

    def body(self, request: Request) -> bytes:
        """The exact bytes that are sent for a request.

        Raises:
            PluginError: the request's settings name a field the teacher itself fills.
        """
        return json.dumps(self._body(request), separators=(",", ":")).encode()

    def _body(self, request: Request) -> dict[str, Any]:
        value: dict[str, Any] = {"model": self.params.model, "messages": list(request.messages)}
        value |= self._fields(request)
        if self.params.seed is not None:
            mixed = stream(self.params.seed, "sample", request.sample).getrandbits(31)
            value[self.endpoint.seed_key] = mixed
        if request.schema is not None:
            value |= response_format(request.schema, self.schema_mode)
        if self.params.stream:
            value["stream"] = True
            if self.endpoint.stream_usage:
                value["stream_options"] = {"include_usage": True}
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

        return Answer(await self._caller.call(attempt))

    def parse(self, answer: Answer) -> Reply:
        """Read a raw answer; see :func:`~datawell.teachers.chat_reply.read_chat`.

        Raises:
            BadReply: it is no chat completion or holds no text.
            RequestRejected: the model refused.
        """
        return read_chat(answer.body)

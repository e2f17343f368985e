"""Any endpoint that speaks OpenAI's chat completions: vendors, vLLM, llama.cpp, Ollama."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from random import Random
from typing import Any, ClassVar

from pydantic import Field, field_validator
from yarl import URL

from datawell.core import params
from datawell.core.clock import Clock, SystemClock
from datawell.core.errors import PluginError
from datawell.core.randomness import stream
from datawell.teachers.base import Answer, Price, Reply, Request
from datawell.teachers.chat_reply import read_chat
from datawell.teachers.endpoints import Endpoint, endpoint
from datawell.teachers.limits import FOREIGN, Caller, Patience, Refused, classify
from datawell.teachers.wire import Secret, Wire

PROBE_SECONDS = 5.0
RESERVED = frozenset({"model", "messages", "stream", "n"})
SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie|password|credential", re.IGNORECASE)


class PriceParams(params.Params):
    """US dollars a million tokens."""

    input: float = Field(ge=0)
    """Dollars a million input tokens."""
    output: float = Field(ge=0)
    """Dollars a million output tokens."""


class OpenAIChat:
    """One model behind ``POST {base_url}/chat/completions``, not streamed.

    A complete 2xx body is returned as it came, whatever it holds: it is paid for, so it goes to the
    ledger first, and :meth:`parse` says whether it is an answer. What is retried, and when, stands
    in ``limits``. One limiter belongs to one instance; processes do not share it.
    """

    class Params(params.Params):
        """What to call, and how patiently."""

        # These change how an answer is got and what it costs, not what it is.
        operational: ClassVar[frozenset[str]] = frozenset(
            {
                "concurrency",
                "first_byte_timeout",
                "key_env",
                "price",
                "proxy_from_environment",
                "retries",
                "total_timeout",
            }
        )

        model: str = Field(min_length=1, max_length=200)
        """The model's name as the endpoint knows it."""
        endpoint: str = ""
        """A name in endpoints.yaml (openai, ollama, vllm, groq, …). Left out together with
        base_url it is openai."""
        base_url: str = ""
        """The address before /chat/completions; wins over the endpoint's own."""
        key_env: str = ""
        """The NAME of the environment variable that holds the key. Needed when base_url is given
        and the server asks for a key: an endpoint's usual key is not sent to another address."""
        temperature: float | None = Field(default=None, ge=0, le=2)
        """Sampling temperature; left out, the endpoint's own default holds."""
        top_p: float | None = Field(default=None, gt=0, le=1)
        """Nucleus sampling; left out, the endpoint's own default holds."""
        max_output_tokens: int = Field(default=1024, ge=1)
        """The most tokens of one answer; also what the budget reserves."""
        seed: int | None = None
        """Sent mixed with the name of the sample, so that equal prompts still differ."""
        concurrency: int = Field(default=32, ge=1, le=4096)
        """Calls in flight at most; 429s lower it for a while."""
        total_timeout: float = Field(default=300.0, gt=0)
        """Seconds for one call over all its tries."""
        first_byte_timeout: float = Field(default=120.0, gt=0)
        """Seconds until an answer must begin, in each try; also the longest silence within it.
        An answer that is not streamed begins only when all of it is written."""
        retries: int = Field(default=5, ge=0, le=100)
        """Tries after failures (5xx, timeouts, lost connections). A 429 is waited out instead,
        within total_timeout."""
        price: PriceParams | None = None
        """US dollars a million tokens; wins over endpoints.yaml. Unknown is not zero."""
        headers: dict[str, str] = Field(default_factory=dict)
        """Further headers. No secrets: the key comes through key_env alone."""
        proxy_from_environment: bool = False
        """Use the proxy that HTTPS_PROXY and HTTP_PROXY name."""

        @field_validator("base_url")
        @classmethod
        def _address(cls, value: str) -> str:
            return check_base_url(value) if value else value

        @field_validator("key_env")
        @classmethod
        def _name_of_a_variable(cls, value: str) -> str:
            if value and not re.fullmatch(r"[A-Z][A-Z0-9_]*", value):  # a key itself seldom fits
                raise ValueError(
                    "must be the NAME of an environment variable in capitals, such as "
                    "OPENAI_API_KEY, never the key itself"
                )
            return value

        @field_validator("headers")
        @classmethod
        def _no_secrets(cls, value: dict[str, str]) -> dict[str, str]:
            for name, text in value.items():
                if not re.fullmatch(r"[A-Za-z0-9-]+", name) or not text.isprintable():
                    raise ValueError("a header has a name of letters, digits and -, and one line")
                if SECRET_HEADER.search(name):
                    raise ValueError(f"{name} looks like a secret; name a variable in key_env")
            return value

    recomputable = False
    native_schema = False

    def __init__(
        self, params: Params, *, clock: Clock | None = None, random: Random | None = None
    ) -> None:
        self.params = params
        named = params.endpoint or ("" if params.base_url else "openai")
        facts = endpoint(named) if named else Endpoint()
        self.base_url = params.base_url or facts.base_url
        self.key_env = params.key_env or ("" if params.base_url else facts.key_env)
        self.model = f"{named}:{params.model}" if named else params.model
        self.facts = facts.models.get(params.model)
        self.price = self._price()
        self.max_output_tokens = params.max_output_tokens
        self.concurrency = params.concurrency
        self.settings: Mapping[str, Any] = self._settings(facts)
        self._seed_key = facts.seed_key
        self.who = f"{self.model} at {self.base_url}"
        self._wire: Wire | None = None
        patience = Patience(
            params.total_timeout, params.first_byte_timeout, params.retries, params.concurrency
        )
        # Jitter never reaches the data; processes must not jitter in step.
        jitter = random or stream(0, "teachers", "jitter", self.model, os.getpid())
        self._caller = Caller(self.who, patience, clock or SystemClock(), jitter)

    def _price(self) -> Price | None:
        known = self.params.price or (self.facts.price if self.facts else None)
        return None if known is None else Price(known.input, known.output)

    def _settings(self, facts: Endpoint) -> dict[str, Any]:
        values = {
            "temperature": self.params.temperature,
            "top_p": self.params.top_p,
            facts.limit_key: self.params.max_output_tokens,
            facts.seed_key: self.params.seed,
        }
        return {name: value for name, value in values.items() if value is not None}

    def body(self, request: Request) -> bytes:
        """The exact bytes that are sent for a request.

        Raises:
            PluginError: the request's settings name a field the teacher itself fills.
        """
        if taken := sorted(RESERVED & request.settings.keys()):
            raise PluginError(f"a request cannot set {', '.join(taken)}: the teacher does")
        value: dict[str, Any] = {"model": self.params.model, "messages": list(request.messages)}
        value |= {**self.settings, **request.settings}
        if self.params.seed is not None:
            mixed = stream(self.params.seed, "sample", request.sample).getrandbits(31)
            value[self._seed_key] = mixed
        return json.dumps(value, separators=(",", ":")).encode()

    async def send(self, request: Request) -> Answer:
        """Send one request, retrying as ``limits`` allows.

        Raises:
            UsageError: the key is not in the environment.
            ProviderError: the endpoint failed for good, or refuses this request.
        """
        wire, data = self._open(), self.body(request)

        async def attempt(left: float) -> str:
            return await wire.request("POST", "/chat/completions", data, left)

        return Answer(await self._caller.call(attempt))

    def parse(self, answer: Answer) -> Reply:
        """Read a raw answer; see :func:`~datawell.teachers.chat_reply.read_chat`.

        Raises:
            BadReply: it is no chat completion or holds no text.
            RequestRejected: the model refused.
        """
        return read_chat(answer.body)

    def check(self) -> None:
        """Is the key there? Sends nothing.

        Raises:
            UsageError: the environment variable is not set.
        """
        if self.key_env:
            Secret.from_environment(self.key_env, self.who)

    async def probe(self) -> str:
        """Ask ``GET {base_url}/models`` once, and say in a few words what came back.

        Raises:
            UsageError: the key is not in the environment.
            ProviderError: no answer in time, no connection, or the key is refused.
        """
        try:
            body = await self._open().request("GET", "/models", None, PROBE_SECONDS)
            listed = [item["id"] for item in json.loads(body)["data"]]
        except Refused as error:
            if error.status in (404, 405, 501):
                return "reachable; it lists no models"
            raise classify(error, self.who, proven=True, wall=time.time()).error from None
        except FOREIGN as error:
            raise classify(error, self.who, proven=True, wall=time.time()).error from None
        except (ValueError, TypeError, KeyError, RecursionError):
            return "reachable; its list of models cannot be read"
        if self.params.model in listed:
            return "reachable; the model is listed"
        return f"reachable; the model is not among the {len(listed)} it lists"

    async def close(self) -> None:
        """Release connections; a later send opens them again."""
        self._caller.limiter.close()
        if self._wire is not None:
            wire, self._wire = self._wire, None
            await wire.close()

    def _open(self) -> Wire:
        if self._wire is None:
            secret = Secret.from_environment(self.key_env, self.who) if self.key_env else None
            self._wire = Wire(
                self.base_url,
                self.params.headers,
                self.params.first_byte_timeout,
                secret=secret,
                from_environment=self.params.proxy_from_environment,
            )
        return self._wire

    def __repr__(self) -> str:
        return f"OpenAIChat({self.who})"


def check_base_url(text: str) -> str:
    """A base URL without its last slash. Nothing of a refused one is repeated: it may hold a key.

    Raises:
        ValueError: not http or https, no host, or with a user, a query or a fragment.
    """
    try:
        url = URL(text)
        fine = url.scheme in ("http", "https") and bool(url.host) and url.port is not None
    except ValueError:
        fine = False
    if not fine:
        raise ValueError("must look like http://127.0.0.1:8000/v1 or https://host/v1")
    if url.user or url.password or url.query_string or url.fragment:
        raise ValueError("must hold no user, password, query or fragment; a key goes to key_env")
    return text.rstrip("/")

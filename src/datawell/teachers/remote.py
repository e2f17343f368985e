"""What every teacher behind an HTTP endpoint shares: parameters, facts, key, limits, connection.

A wire (``openai_chat``, ``anthropic_messages``) adds how a request is written and an answer read.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from random import Random
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator
from yarl import URL

from datawell.core import params
from datawell.core.clock import Clock, SystemClock
from datawell.core.errors import PluginError, UsageError
from datawell.core.randomness import stream
from datawell.teachers.base import Price, Request
from datawell.teachers.endpoints import Endpoint, endpoint
from datawell.teachers.limits import FOREIGN, Caller, Patience, Refused, classify
from datawell.teachers.wire import Secret, Wire

PROBE_SECONDS = 5.0
SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie|password|credential", re.IGNORECASE)

SchemaMode = Literal["json_schema", "json_object", "tool", "none"]


class PriceParams(params.Params):
    """US dollars a million tokens."""

    input: float = Field(ge=0)
    """Dollars a million input tokens."""
    output: float = Field(ge=0)
    """Dollars a million output tokens."""
    cached_input: float | None = Field(default=None, ge=0)
    """Dollars a million input tokens that the provider had in its cache; left out, they count as
    any other, which can only book too much."""


class RemoteParams(params.Params):
    """What to call, and how patiently."""

    # These change how an answer is got and what it costs, not what it is.
    operational: ClassVar[frozenset[str]] = frozenset(
        {
            "concurrency",
            "first_byte_timeout",
            "key_env",
            "price",
            "proxy_from_environment",
            "requests_per_minute",
            "retries",
            "stream",
            "tokens_per_minute",
            "total_timeout",
        }
    )

    model: str = Field(min_length=1, max_length=200)
    """The model's name as the endpoint knows it."""
    endpoint: str = ""
    """A name in endpoints.yaml (openai, ollama, vllm, groq, …). Left out together with base_url it
    is the wire's own vendor."""
    base_url: str = ""
    """The address before /chat/completions or /messages; wins over the endpoint's own."""
    key_env: str = ""
    """The NAME of the environment variable that holds the key. Needed when base_url is given and
    the server asks for a key: an endpoint's usual key is not sent to another address."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """Sampling temperature; left out, the endpoint's own default holds."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """Nucleus sampling; left out, the endpoint's own default holds."""
    max_output_tokens: int = Field(default=1024, ge=1)
    """The most tokens of one answer; also what the budget reserves."""
    schema_mode: SchemaMode | None = None
    """How an answer is held to a JSON schema: in the endpoint's schema mode, as any JSON object,
    through a forced tool (Anthropic's wire), or by words alone. Left out, as endpoints.yaml says;
    an address it does not know gets words alone."""
    extra: dict[str, Any] = Field(default_factory=dict)
    """Further fields of each request's body, as the endpoint names them (reasoning_effort, …)."""
    stream: bool = False
    """Have answers streamed. Then first_byte_timeout holds for the first words and not for the
    whole answer, which finds a dead endpoint early where answers take minutes; reading costs
    several times the CPU."""
    concurrency: int = Field(default=32, ge=1, le=4096)
    """Calls in flight at most; 429s lower it for a while."""
    requests_per_minute: int | None = Field(default=None, ge=1)
    """Requests in any minute at most, sent evenly. Left out, the endpoint's own answers and
    headers set the pace."""
    tokens_per_minute: int | None = Field(default=None, ge=1)
    """Tokens a minute at most, in and out together: reckoned before a call, corrected after."""
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


class Remote:
    """The base of the wires. One limiter belongs to one instance; processes do not share it.

    A wire says where its vendor lives (``vendor``), which fields of a body are its own to fill
    (``reserved``), and how the key travels (``key_header``, ``fixed_headers``).
    """

    vendor: ClassVar[str]
    reserved: ClassVar[frozenset[str]]
    key_header: ClassVar[str] = "Authorization"
    fixed_headers: ClassVar[Mapping[str, str]] = {}
    usual_schema_mode: ClassVar[SchemaMode] = "none"
    recomputable = False

    def __init__(
        self, params: RemoteParams, *, clock: Clock | None = None, random: Random | None = None
    ) -> None:
        self.params = params
        named = params.endpoint or ("" if params.base_url else self.vendor)
        self.endpoint = endpoint(named) if named else Endpoint()
        self.base_url = params.base_url or self.endpoint.base_url
        self.key_env = params.key_env or ("" if params.base_url else self.endpoint.key_env)
        self.model = f"{named}:{params.model}" if named else params.model
        self.facts = self.endpoint.models.get(params.model)
        self.schema_mode = params.schema_mode or self.endpoint.schema_mode or self.usual_schema_mode
        self.native_schema = self.schema_mode != "none"
        self.max_output_tokens = params.max_output_tokens
        self.concurrency = params.concurrency
        self.who = f"{self.model} at {self.base_url}"
        self.price = self._price()
        self.settings: Mapping[str, Any] = self._all_settings()
        self._wire: Wire | None = None
        patience = Patience(
            params.total_timeout,
            params.first_byte_timeout,
            params.retries,
            params.concurrency,
            params.requests_per_minute,
            params.tokens_per_minute,
        )
        # Jitter never reaches the data; processes must not jitter in step.
        self._jitter = random or stream(0, "teachers", "jitter", self.model, os.getpid())
        self._clock = clock or SystemClock()
        self._caller = Caller(self.who, patience, self._clock, self._jitter, self.max_output_tokens)

    def _price(self) -> Price | None:
        known = self.params.price or (self.facts.price if self.facts else None)
        return None if known is None else Price(known.input, known.output, known.cached_input)

    def _settings(self) -> dict[str, Any]:
        """The wire's own names for what is set; None for what is left out."""
        raise NotImplementedError

    def _all_settings(self) -> dict[str, Any]:
        own = {name: value for name, value in self._settings().items() if value is not None}
        if taken := sorted((self.reserved | own.keys()) & self.params.extra.keys()):
            raise PluginError(f"extra cannot set {', '.join(taken)}: the teacher does")
        return own | self.params.extra

    def _fields(self, request: Request) -> dict[str, Any]:
        """What this teacher and the request set.

        Raises:
            PluginError: the request's settings name a field the teacher itself fills.
        """
        if taken := sorted(self.reserved & request.settings.keys()):
            raise PluginError(f"a request cannot set {', '.join(taken)}: the teacher does")
        return {**self.settings, **request.settings}

    def check(self) -> None:
        """Is the key there, and does an answer fit the model? Sends nothing.

        Raises:
            UsageError: the environment variable is not set, or max_output_tokens is more than the
                model's whole context.
        """
        if self.key_env:
            Secret.from_environment(self.key_env, self.who)
        context = self.facts.context if self.facts else None
        if context is not None and self.max_output_tokens >= context:
            raise UsageError(
                f"{self.who}: max_output_tokens {self.max_output_tokens} leaves no room for a "
                f"question in a context of {context}",
                hint="lower max_output_tokens",
            )

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
                {**self.fixed_headers, **self.params.headers},
                self.params.first_byte_timeout,
                secret=secret,
                key_header=self.key_header,
                from_environment=self.params.proxy_from_environment,
                heard=self._caller.heard,
            )
        return self._wire

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.who})"


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

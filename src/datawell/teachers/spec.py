"""A teacher in one word, as the command line and recipes name it; and whether it is ready.

builtin                      the procedural grammar
openai:MODEL, anthropic:MODEL, ollama:MODEL, …
                             a model of an endpoint in endpoints.yaml
http://host:port/v1#MODEL    a model of any OpenAI-compatible endpoint (https too)
hf:FOLDER                    a model on this machine, run in this process
replay:FILE                  recorded answers
NAME, NAME:MODEL             a teacher that another package brings
"""

from __future__ import annotations

import asyncio
import inspect
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from datawell.core.errors import PluginError, did_you_mean
from datawell.core.plugins import Component, build, names
from datawell.teachers.base import Price
from datawell.teachers.endpoints import ModelFacts, load_endpoints
from datawell.teachers.remote import check_base_url

FORMS = "builtin, ENDPOINT:MODEL, http://host:port/v1#MODEL, hf:FOLDER, replay:FILE"
OURS = ("anthropic", "builtin", "hf", "openai", "replay")


@dataclass(frozen=True, slots=True)
class TeacherCheck:
    """What is known of a teacher before it is used. ``context`` in tokens; None: not known.
    ``note`` says what a probe found; it is empty when there was none."""

    model: str
    address: str
    price: Price | None
    price_as_of: str
    context: int | None
    note: str = ""


def parse_spec(text: str) -> Component:
    """The component a teacher's name in one word stands for.

    Raises:
        PluginError: no such endpoint or teacher, or the model is not named.
        UsageError: the user's file of endpoints cannot be read.
    """
    text = text.strip()
    if text.startswith(("http://", "https://")):
        return _by_address(text)
    name, colon, rest = text.partition(":")
    if name == "replay":
        return Component("replay", {"path": _named(rest, text, "replay:FILE")})
    if name == "hf":
        return Component("hf", {"path": _named(rest, text, "hf:FOLDER")})
    if not colon:
        return _by_name(name)
    endpoints = load_endpoints()
    if name in endpoints:
        form = f"{name}:MODEL"
        wire = endpoints[name].wire
        return Component(wire, {"endpoint": name, "model": _named(rest, text, form)})
    others = [other for other in names("teachers") if other not in OURS]
    if name in others:
        return Component(name, {"model": _named(rest, text, f"{name}:MODEL")})
    if name == "builtin":
        raise PluginError(f"teacher {text!r}: the built-in teacher takes no model", hint="builtin")
    known = [*endpoints, *others, "hf", "replay"]
    raise PluginError(
        f"no teacher is called {name!r}", hint=f"{did_you_mean(name, known)}; forms: {FORMS}"
    )


def check_teacher(component: Component, *, probe: bool = False) -> TeacherCheck:
    """Is a teacher ready? Builds it, and looks for its key; with ``probe`` also asks once over the
    wire. Another package's teacher takes part with ``check()`` and ``async probe() -> str``.

    Raises:
        PluginError: unknown name or parameters that do not fit.
        UsageError: the key is not in the environment, or a file is missing.
        ProviderError: with ``probe``: no answer, no connection, or the key is refused.
    """
    teacher = build("teachers", component)
    if callable(check := getattr(teacher, "check", None)):
        check()
    note = ""
    if probe and inspect.iscoroutinefunction(getattr(teacher, "probe", None)):
        # In its own thread, for callers who are inside an event loop (a notebook).
        with ThreadPoolExecutor(1) as thread:
            note = thread.submit(asyncio.run, _probe(teacher)).result()
    facts: ModelFacts | None = getattr(teacher, "facts", None)
    known = facts.price if facts and teacher.params.price is None else None
    return TeacherCheck(
        model=teacher.model,
        address=getattr(teacher, "base_url", ""),
        price=teacher.price,
        price_as_of=known.as_of.isoformat() if known else "",
        context=facts.context if facts else None,
        note=note,
    )


async def _probe(teacher: Any) -> str:
    try:
        return str(await teacher.probe())
    finally:
        await teacher.close()


def _by_address(text: str) -> Component:
    address, _, model = text.partition("#")
    try:
        address = check_base_url(address)
    except ValueError as error:  # the address is not repeated: it may hold a key
        raise PluginError(f"the teacher's address {error}", hint=f"forms: {FORMS}") from None
    model = _named(model, address, "http://host:port/v1#MODEL")
    return Component("openai", {"base_url": address, "model": model})


def _by_name(name: str) -> Component:
    """A teacher named without a model."""
    if name in load_endpoints():
        raise PluginError(f"teacher {name!r} needs a model", hint=f"{name}:MODEL")
    if name in names("teachers"):
        return Component(name)
    known = [*names("teachers"), *(f"{one}:MODEL" for one in load_endpoints())]
    raise PluginError(
        f"no teacher is called {name!r}", hint=f"{did_you_mean(name, known)}; forms: {FORMS}"
    )


def _named(rest: str, text: str, form: str) -> str:
    if not rest.strip():
        raise PluginError(f"teacher {text!r} is not complete", hint=form)
    return rest.strip()

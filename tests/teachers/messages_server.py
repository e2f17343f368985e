"""A loopback server that speaks Anthropic's messages, and chat completions as a stream; it
misbehaves on purpose."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from tests.teachers.server import text_of


class StreamServer:
    """Each request meets the next word of ``script``; afterwards all is well. ``seen`` holds
    (headers, body) of each.

    Words: ok, 529, 401, refusal, max_tokens, no-text, overloaded-event, error-event, cut,
    no-end, broken-event, comments (only those, for ever), slow (comments, then the answer),
    whole (no stream though asked for one).
    """

    def __init__(self, script: Iterable[str] = (), pause: float = 0.02) -> None:
        self.script = list(script)
        self.pause = pause
        self.seen: list[tuple[dict[str, str], dict[str, Any]]] = []

    async def __aenter__(self) -> StreamServer:
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/v1/messages", self._messages)
        app.router.add_post("/v1/chat/completions", self._chat)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.05
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()

    async def _next(self, request: web.Request) -> tuple[str, dict[str, Any]]:
        body = await request.json()
        self.seen.append((dict(request.headers), body))
        return (self.script.pop(0) if self.script else "ok"), body

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        kind, body = await self._next(request)
        if kind.isdigit():
            name = {"529": "overloaded_error", "401": "authentication_error"}[kind]
            error = {"type": "error", "error": {"type": name, "message": "Overloaded"}}
            return web.json_response(error, status=int(kind))
        message = message_of(body, kind)
        if not body.get("stream") or kind == "whole":
            return web.json_response(message)
        return await self._send(request, kind, message_events(message))

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        kind, body = await self._next(request)
        events = chat_events(text_of({"messages": body["messages"]}), body)
        if kind == "whole":
            message = {"role": "assistant", "content": "whole"}
            return web.json_response({"choices": [{"message": message, "finish_reason": "stop"}]})
        return await self._send(request, kind, events)

    async def _send(
        self, request: web.Request, kind: str, events: list[tuple[str, Any]]
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        while kind == "comments":
            await response.write(b": still alive\n\n")
            await asyncio.sleep(self.pause)
        for _ in range(5 if kind == "slow" else 1):
            await response.write(b": still alive\n\n")
            await asyncio.sleep(self.pause if kind == "slow" else 0)
        if kind == "no-end":
            events = events[:-3]
        for at, (name, data) in enumerate(events):
            if at == 2 and kind.endswith("-event"):
                name, data = error_event(kind)
            head = f"event: {name}\n" if name else ""
            line = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
            await response.write(f"{head}data: {line}\n\n".encode())
            if at == 2 and kind == "cut":
                assert request.transport is not None
                request.transport.close()
                return response
            if at == 2 and kind in ("overloaded-event", "error-event"):
                break
        return response


def error_event(kind: str) -> tuple[str, Any]:
    if kind == "broken-event":
        return "content_block_delta", '{"type": "content_bl'
    name = "overloaded_error" if kind == "overloaded-event" else "odd_error"
    return "error", {"type": "error", "error": {"type": name, "message": "Overloaded"}}


def message_of(body: dict[str, Any], kind: str) -> dict[str, Any]:
    """A message to ``body``: through its tool where it has one."""
    text = text_of({"messages": body["messages"]}) + " \u2028 \U0001f600"
    content: list[dict[str, Any]] = [{"type": "thinking", "thinking": "hm"}]
    reason = "end_turn"
    if "tools" in body:
        made = {"text": text, "n": 3}
        tool = body["tools"][0]["name"]
        content.append({"type": "tool_use", "id": "t1", "name": tool, "input": made})
        reason = "tool_use"
    else:
        content += [{"type": "text", "text": text[:30]}, {"type": "text", "text": text[30:]}]
    if kind in ("refusal", "max_tokens"):
        content, reason = content[:1], kind
    if kind == "no-text":
        content = content[:1]
    usage = {"input_tokens": 10, "cache_read_input_tokens": 30, "output_tokens": 7}
    return {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "content": content,
        "stop_reason": reason,
        "usage": usage,
    }


def message_events(message: dict[str, Any]) -> list[tuple[str, Any]]:
    """The events that spell ``message``."""
    usage = {**message["usage"], "output_tokens": 1}
    start = {**message, "content": [], "stop_reason": None, "usage": usage}
    out: list[tuple[str, Any]] = [("message_start", {"type": "message_start", "message": start})]
    out.append(("ping", {"type": "ping"}))
    for at, block in enumerate(message["content"]):
        empty: dict[str, Any] = {"text": ""} if block["type"] == "text" else {}
        words = block.get("text") or block.get("thinking") or ""
        field, delta = "text", "text_delta"
        if block["type"] == "thinking":
            empty, field, delta = {"thinking": ""}, "thinking", "thinking_delta"
        if block["type"] == "tool_use":
            empty = {"id": block["id"], "name": block["name"], "input": {}}
            words, field, delta = json.dumps(block["input"]), "partial_json", "input_json_delta"
        begin = {"type": block["type"], **empty}
        start_of = {"type": "content_block_start", "index": at, "content_block": begin}
        out.append(("content_block_start", start_of))
        for piece in (words[i : i + 9] for i in range(0, len(words), 9)):
            added = {"type": delta, field: piece}
            event = {"type": "content_block_delta", "index": at, "delta": added}
            out.append(("content_block_delta", event))
        out.append(("content_block_stop", {"type": "content_block_stop", "index": at}))
    ending = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    counts = {"output_tokens": message["usage"]["output_tokens"]}
    out.append(("message_delta", {"type": "message_delta", "delta": ending, "usage": counts}))
    out.append(("message_stop", {"type": "message_stop"}))
    return out


def chat_events(text: str, body: dict[str, Any]) -> list[tuple[str, Any]]:
    """The chunks that spell ``text``."""
    text += " \u2028 \U0001f600"

    def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
        choice: dict[str, Any] = {"index": 0, "delta": delta, "finish_reason": finish}
        if body.get("logprobs") and "content" in delta:
            entry = {"token": delta["content"], "logprob": -0.5, "top_logprobs": []}
            choice["logprobs"] = {"content": [entry]}
        return {"object": "chat.completion.chunk", "id": "c1", "choices": [choice]}

    out: list[tuple[str, Any]] = [("", chunk(role="assistant", content=""))]
    out += [("", chunk(content=text[i : i + 9])) for i in range(0, len(text), 9)]
    out.append(("", chunk("stop")))
    if body.get("stream_options"):
        usage = {"prompt_tokens": 40, "completion_tokens": 90}
        out[-1:] = [out[-1], ("", {"choices": [], "usage": usage})]
    out.append(("", "[DONE]"))
    return out

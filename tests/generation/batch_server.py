"""A loopback provider of batch files that misbehaves on purpose and keeps its own bill."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from aiohttp import web

from tests.teachers.server import completion, text_of

# What a batch can meet.
FATES = (
    "ok",
    "429",  # at submission
    "lost",  # it is taken, and the answer to the submission is lost with the connection
    "lost-500",  # it is taken, and the answer is a 500
    "failed",  # refused as a whole
    "expired",  # half of it answered, the rest told as expired
    "expired-silent",  # half of it answered, nothing told of the rest
    "missing",  # completed, and told of all but two
    "never",  # expired before any was answered
    "items-500",  # a third of it failed
    "items-400",  # a third of it refused
    "duplicates",
    "unknown",  # lines that belong to nobody, and lines that are no JSON
    "both",  # answers, and errors for the same requests
    "shuffled",
)


class BatchServer:
    """Files and batches. ``script``: what the next submissions meet; afterwards all is well.

    ``billed`` counts answers written by custom id without its last part: by key. ``looks``: how
    often a batch is looked at before it is over.
    """

    def __init__(self, script: Iterable[str] = (), looks: int = 1) -> None:
        self.script = list(script)
        self.looks = looks
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.billed: Counter[str] = Counter()
        self.submissions = 0
        self.hold = False  # batches stay in progress
        self.lists = True  # whether batches can be listed

    async def start(self) -> None:
        app = web.Application(client_max_size=2**28)
        app.router.add_post("/v1/files", self._upload)
        app.router.add_get("/v1/files/{id}/content", self._content)
        app.router.add_post("/v1/batches", self._submit)
        app.router.add_get("/v1/batches", self._list)
        app.router.add_get("/v1/batches/{id}", self._look)
        app.router.add_post("/v1/chat/completions", self._chat)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        assert form["purpose"] == "batch"
        field = form["file"]
        assert isinstance(field, web.FileField)
        return web.json_response({"id": self._keep(field.file.read()), "purpose": "batch"})

    def _keep(self, data: bytes) -> str:
        name = f"file-{len(self.files)}"
        self.files[name] = data
        return name

    async def _content(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["id"]])

    async def _submit(self, request: web.Request) -> web.Response:
        asked = await request.json()
        assert asked["endpoint"] == "/v1/chat/completions"
        fate = self.script.pop(0) if self.script else "ok"
        self.submissions += 1
        if fate == "429":
            return web.json_response({"error": {"message": "slow down"}}, status=429)
        lines = [json.loads(line) for line in self.files[asked["input_file_id"]].splitlines()]
        assert len({line["custom_id"] for line in lines}) == len(lines)
        batch = {
            "id": f"batch-{len(self.batches)}",
            "object": "batch",
            "status": "in_progress",
            "input_file_id": asked["input_file_id"],
            "metadata": asked["metadata"],
            "request_counts": {"total": len(lines), "completed": 0, "failed": 0},
            "fate": fate,
            "looked": 0,
        }
        self.batches[batch["id"]] = batch
        if fate == "lost":
            assert request.transport is not None
            request.transport.close()
        if fate == "lost-500":
            return web.json_response({"error": {"message": "oops"}}, status=500)
        return web.json_response(batch)

    async def _list(self, request: web.Request) -> web.Response:
        if not self.lists:
            return web.json_response({"error": {"message": "no such page"}}, status=405)
        newest = list(reversed(self.batches.values()))
        after = request.query.get("after")
        if after is not None:
            newest = newest[[b["id"] for b in newest].index(after) + 1 :]
        page = newest[:2]
        return web.json_response({"data": page, "has_more": len(newest) > 2})

    async def _look(self, request: web.Request) -> web.Response:
        batch = self.batches[request.match_info["id"]]
        batch["looked"] += 1
        if batch["status"] == "in_progress" and batch["looked"] > self.looks and not self.hold:
            self._end(batch)
        return web.json_response(batch)

    def _end(self, batch: dict[str, Any]) -> None:
        fate, counts = batch["fate"], batch["request_counts"]
        lines = [json.loads(x) for x in self.files[batch["input_file_id"]].splitlines()]
        if fate == "failed":
            error = {"code": "token_limit_exceeded", "message": "Enqueued token limit reached"}
            batch |= {"status": "failed", "errors": {"data": [error]}}
            return
        good, bad, told = _split(fate, lines)
        written = [self._answer(line) for line in good]
        if fate in ("duplicates", "shuffled"):
            written = written[::-1] + (written if fate == "duplicates" else [])
        if fate == "unknown":
            other = json.dumps({"custom_id": "nobody-1", "response": None, "error": None})
            written = ["{", "[]", other, '{"custom_id": 5, "response": {}}', *written, '{"a": 1}']
        if fate == "missing":
            written = written[2:]
        batch["status"] = "expired" if fate.startswith(("expired", "never")) else "completed"
        if written:
            batch["output_file_id"] = self._keep("\n".join(written).encode())
        if told:
            batch["error_file_id"] = self._keep("\n".join(told).encode())
        counts |= {"completed": len(good), "failed": len(bad)}

    def _answer(self, line: dict[str, Any]) -> str:
        self.billed[line["custom_id"].rpartition("-")[0]] += 1
        body = completion(text_of(line["body"]), "ok")
        response = {"status_code": 200, "request_id": "r", "body": body}
        return json.dumps({"custom_id": line["custom_id"], "response": response, "error": None})

    async def _chat(self, request: web.Request) -> web.Response:
        return web.json_response(completion(text_of(await request.json()), "ok"))


def _split(fate: str, lines: list[Any]) -> tuple[list[Any], list[Any], list[str]]:
    """(requests answered, requests counted as failed, lines of the file of errors)."""
    half, third = lines[: len(lines) // 2], lines[::3]
    if fate == "never":
        return [], [], []
    if fate == "expired-silent":
        return half, [], []
    if fate == "expired":
        late = lines[len(half) :]
        return half, late, [_error(line, None, "batch_expired") for line in late]
    if fate in ("items-500", "items-400"):
        status = int(fate[-3:])
        rest = [line for line in lines if line not in third]
        return rest, third, [_error(line, status, "said no") for line in third]
    if fate == "both":
        return lines, [], [_error(line, 500, "too late") for line in third]
    return lines, [], []


def _error(line: dict[str, Any], status: int | None, code: str) -> str:
    error = {"code": code, "message": f"{code} happened"}
    whole: dict[str, Any] = {"custom_id": line["custom_id"], "response": None, "error": error}
    if status is not None:
        whole |= {"response": {"status_code": status, "body": {"error": error}}, "error": None}
    return json.dumps(whole)


@contextlib.contextmanager
def serving(*script: str, looks: int = 1) -> Iterator[BatchServer]:
    """The server in a thread of this process."""
    server, ready = BatchServer(script, looks), threading.Event()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        await server.start()
        ready.set()
        await stop.wait()
        await server._runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()

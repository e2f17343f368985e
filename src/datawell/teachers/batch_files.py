"""OpenAI's batch files: upload a file of requests, submit it, look, fetch the outcomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from datawell.core.errors import ProviderFault, storage_boundary
from datawell.teachers.base import Request
from datawell.teachers.batches import BatchItem, BatchState
from datawell.teachers.chat_reply import count, glimpse
from datawell.teachers.limits import Caller, Refused
from datawell.teachers.wire import Wire

MOST_LINE = 17 * 1024 * 1024
PAGE, PAGES = 100, 20  # how far back a batch is looked for
OVER = frozenset({"completed", "failed", "expired", "cancelled"})
UNLISTED = frozenset({404, 405, 501})
PASSING = frozenset({408, 409, 425, 429})


class BatchFiles:
    """Batch files of one endpoint that speaks chat completions.

    A file costs nothing before it is submitted. A submission whose answer was lost is looked for
    among the provider's batches before it is made again, by its file, so a lost answer is no second
    bill.

    Args:
        wire: the open connection.
        caller: the limits of these few calls, apart from those of ordinary ones.
        body: the exact body of a request.
        size: requests a file at most.
        files: files out at once at most.
        poll_seconds: between two looks.
    """

    most_bytes = 180_000_000  # a file may have 200 MB

    def __init__(
        self,
        wire: Callable[[], Wire],
        caller: Caller,
        body: Callable[[Request], dict[str, Any]],
        *,
        size: int,
        files: int,
        poll_seconds: float,
    ) -> None:
        self.size = size
        self.files = files
        self.poll_seconds = poll_seconds
        self._wire = wire
        self._caller = caller
        self._body = body

    def line(self, name: str, request: Request) -> bytes:
        """The request as a line of a file."""
        whole = {
            "custom_id": name,
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": self._body(request),
        }
        return json.dumps(whole, separators=(",", ":")).encode() + b"\n"

    async def upload(self, path: Path) -> str:
        """Give the provider a file of requests; its name there."""

        async def attempt(left: float) -> str:
            return await self._wire().upload("/files", {"purpose": "batch"}, path, left)

        return _name(_object(await self._caller.call(attempt)))

    async def submit(self, file: str, mark: str, *, perhaps: bool) -> str:
        """Have an uploaded file answered, once; the provider's name for the batch."""
        asked = {
            "input_file_id": file,
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "metadata": {"datawell": mark},
        }
        data = json.dumps(asked).encode()
        before = perhaps

        async def attempt(left: float) -> str:
            nonlocal before
            try:
                if before and (found := await self._find(file, mark, left)):
                    return json.dumps(found)
            except Refused as error:
                if error.status in UNLISTED:
                    return ""
                raise
            before = True  # from here on an answer may be lost on its way
            return await self._wire().request("POST", "/batches", data, left)

        batch = await self._caller.call(attempt)
        return _name(_object(batch)) if batch else ""

    async def _find(self, file: str, mark: str, left: float) -> dict[str, Any] | None:
        """The batch made of ``file``, if there is one."""
        after: dict[str, str] = {}
        for _ in range(PAGES):
            query = urlencode({"limit": str(PAGE), **after})
            page = _object(await self._wire().request("GET", f"/batches?{query}", None, left))
            batches = [one for one in page.get("data") or () if isinstance(one, dict)]
            for batch in batches:
                marked = batch.get("metadata") or {}
                same = isinstance(marked, dict) and marked.get("datawell", mark) == mark
                if batch.get("input_file_id") == file and same:
                    return batch
            if not page.get("has_more") or not batches:
                return None
            after = {"after": _name(batches[-1])}
        return None

    async def look(self, batch: str) -> BatchState:
        """How far a batch is."""
        seen = _object(await self._get(f"/batches/{quote(batch, safe='')}"))
        status = seen.get("status")
        counts = seen.get("request_counts")
        counts = counts if isinstance(counts, dict) else {}
        finished = (count(counts.get("completed")) or 0) + (count(counts.get("failed")) or 0)
        outputs = [seen.get(name) for name in ("output_file_id", "error_file_id")]
        named = tuple(name for name in outputs if isinstance(name, str) and name)
        return BatchState(
            over=status in OVER,
            finished=finished,
            total=count(counts.get("total")) or 0,
            outputs=named,
            began=bool(named) or bool(finished) or status in ("completed", "expired"),
            note=_note(seen),
        )

    async def download(self, file: str, path: Path) -> None:
        """Fetch a file of outcomes."""

        async def attempt(left: float) -> str:
            where = f"/files/{quote(file, safe='')}/content"
            await self._wire().download(where, path, left)
            return ""

        await self._caller.call(attempt)

    def items(self, path: Path) -> Iterator[BatchItem | None]:
        """The outcomes in a fetched file; None for a line that cannot be read."""
        wire = self._wire()
        with storage_boundary("outcomes of a batch", path), path.open("rb") as file:
            while line := file.readline(MOST_LINE):
                if line.strip():
                    yield _item(wire.hide(line.decode("utf-8", "replace")))

    async def _get(self, path: str) -> str:
        async def attempt(left: float) -> str:
            return await self._wire().request("GET", path, None, left)

        return await self._caller.call(attempt)


def _object(body: str) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ProviderFault(
            f"the endpoint's batch files cannot be understood: {glimpse(body)}",
            hint="it may not offer them: leave `batch` out",
        )
    return value


def _name(value: dict[str, Any]) -> str:
    name = value.get("id")
    if not isinstance(name, str) or not name:
        raise ProviderFault(f"the endpoint gave no id: {glimpse(json.dumps(value))}")
    return name


def _note(batch: dict[str, Any]) -> str:
    """The provider's words: the status, and the first error where there is one."""
    errors = batch.get("errors")
    data = errors.get("data") if isinstance(errors, dict) else None
    first = data[0] if isinstance(data, list) and data else None
    said = f": {first.get('message') or first.get('code')}" if isinstance(first, dict) else ""
    return " ".join(f"{batch.get('status')}{said}".split())[:300]


def _item(line: str) -> BatchItem | None:
    """One line of outcomes. The body of a 200 is handed on exactly as data, whatever it holds."""
    try:
        value = json.loads(line)
        name, response = value["custom_id"], value.get("response")
        if not isinstance(name, str):
            return None
        if response is None:
            return BatchItem(name, error=_complaint(value.get("error")))
        status, body = response["status_code"], response.get("body")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if status == 200 and isinstance(body, dict):
        return BatchItem(name, body=json.dumps(body, ensure_ascii=False))
    said = body.get("error", body) if isinstance(body, dict) else body
    refused = isinstance(status, int) and 400 <= status < 500 and status not in PASSING
    return BatchItem(name, error=f"{status} {_complaint(said)}".strip(), refused=refused)


def _complaint(error: Any) -> str:
    if isinstance(error, dict):
        error = error.get("message") or error.get("code") or error
    return " ".join(str(error).split())[:300]

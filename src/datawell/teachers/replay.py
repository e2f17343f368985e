"""Answers that were recorded before: a run can be made again without the model, and tested."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import computed_field

from datawell.core import params
from datawell.core.errors import BadReply, RequestRejected, UsageError, storage_boundary
from datawell.core.records import Message, canonical_json, digest
from datawell.teachers.base import Answer, Price, Reply, Request
from datawell.teachers.chat_reply import read_chat
from datawell.teachers.messages_reply import read_message

MOST_LINE = 17 * 1024 * 1024


class ReplayTeacher:
    """Reads each answer from a JSONL file, one call a line.

    A line holds either ``messages`` and ``sample`` or their ``key`` (:func:`replay_key`), and
    either ``text`` (with ``finish_reason``, ``input_tokens``, ``output_tokens`` where known) or
    ``body``, a chat completion as it was received. The file is indexed once; only places are held
    in memory. The content's hash is part of ``model``, so that another file is another teacher.

    Raises:
        UsageError: the file is missing, or a line is not of this form (with file and line).
    """

    class Params(params.Params):
        """Where the recorded calls are."""

        path: str
        """A JSONL file of recorded calls; ``write_replay`` makes one from a run's ledger."""

        # The file's content decides the rows, not where it lies.
        operational: ClassVar[frozenset[str]] = frozenset({"path"})

        @computed_field
        def content(self) -> str:
            """A hash of the file, for a recipe's fingerprint."""
            with storage_boundary("recorded calls", self.path), open(self.path, "rb") as file:
                return hashlib.file_digest(file, "blake2b").hexdigest()[:32]

    recomputable = True
    native_schema = False
    price: Price | None = Price(0.0, 0.0)
    max_output_tokens = 0

    def __init__(self, params: Params) -> None:
        self.settings: Mapping[str, Any] = {}
        self.path = Path(params.path)
        with storage_boundary("recorded calls", self.path):
            self._places, content = _index(self.path)
        self.model = f"replay:{self.path.name}@{content}"

    async def send(self, request: Request) -> Answer:
        """Look the request up.

        Raises:
            RequestRejected: the file has no such call; the row is dropped.
        """
        place = self._places.get(replay_key(request.messages, request.sample))
        if place is None:
            last = request.messages[-1]["content"] if request.messages else ""
            raise RequestRejected(
                f"not_in_replay: {self.path} has no call {request.sample!r} "
                f"that ends with {' '.join(last.split())[-60:]!r}",
                hint="record it, or run with the teacher that wrote the file",
            )
        start, size = place
        # Opened for each answer: some microseconds, and nothing to share with a forked process.
        with storage_boundary("recorded calls", self.path), self.path.open("rb") as file:
            file.seek(start)
            line = file.read(size)
        return Answer(line.decode("utf-8", "replace"))

    def parse(self, answer: Answer) -> Reply:
        """Read a recorded call.

        Raises:
            BadReply, RequestRejected: what the recorded body gave then, it gives again.
        """
        try:
            entry = _entry(answer.body)
        except ValueError as error:
            raise BadReply(f"{self.path} has changed while it was read: {error}") from None
        if "body" in entry:
            return _read(entry["body"])
        return Reply(
            entry["text"],
            str(entry.get("finish_reason", "stop")),
            entry.get("input_tokens"),
            entry.get("output_tokens"),
        )

    async def close(self) -> None:
        """Nothing to release."""


def _read(body: str) -> Reply:
    """A recorded body, in the form of the wire it came by."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    wire = isinstance(value, dict) and value.get("type") == "message"
    return read_message(body) if wire else read_chat(body)


def replay_key(messages: Iterable[Message], sample: str) -> str:
    """What tells recorded calls apart: the exact messages and the sample's name, not the model."""
    return digest([dict(message) for message in messages], sample)


def write_replay(calls: Iterable[Mapping[str, Any]], path: Path | str) -> int:
    """Write a replay file from the calls of a run's ledger, and return how many it holds.

    Args:
        calls: rows with ``request`` (a mapping or its JSON, with ``messages`` and ``sample``) and
            ``answer``, the raw body; rows without an answer are passed over. Of several answers
            to one request the first is written, the one a run goes by.
        path: the file; it is replaced when all is written.

    Raises:
        StorageError: it cannot be written.
    """
    path = Path(path)
    seen: set[str] = set()
    part = path.with_name(path.name + ".tmp")
    with storage_boundary("recorded calls", path):
        with part.open("w", encoding="utf-8") as file:
            for call in calls:
                request, body = call["request"], call.get("answer")
                request = json.loads(request) if isinstance(request, str) else request
                key = replay_key(request["messages"], request["sample"])
                if not isinstance(body, str) or not body or key in seen:
                    continue
                seen.add(key)
                entry = {
                    "messages": list(request["messages"]),
                    "sample": request["sample"],
                    "body": body,
                }
                file.write(canonical_json(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    return len(seen)


def _index(path: Path) -> tuple[dict[str, tuple[int, int]], str]:
    """(place of each call by key, hash of the file). Two answers to one call are an error."""
    places: dict[str, tuple[int, int]] = {}
    content = hashlib.blake2b(digest_size=4)
    start = number = 0
    with path.open("rb") as file, path.open("rb") as earlier:
        while line := file.readline(MOST_LINE):
            number += 1
            content.update(line)
            if line.strip():
                key = _key_of(line, f"{path}:{number}")
                at, size = places.setdefault(key, (start, len(line)))
                if at != start:
                    earlier.seek(at)
                    if earlier.read(size).strip() != line.strip():
                        raise UsageError(f"{path}:{number}: a second, different answer to one call")
            start += len(line)
    return places, content.hexdigest()


def _key_of(line: bytes, where: str) -> str:
    try:
        entry = _entry(line.decode("utf-8"))
        if "key" in entry:
            return str(entry["key"])
        messages = [
            Message(role=message["role"], content=message["content"])
            for message in entry["messages"]
        ]
        return replay_key(messages, entry["sample"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        why = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        hint = 'a line looks like {"messages": [...], "sample": "0", "text": "..."}'
        raise UsageError(f"{where}: not a recorded call: {why}", hint=hint) from None


def _entry(line: str) -> dict[str, Any]:
    """One line as data.

    Raises:
        ValueError: it is not an object with a text or a body, or token counts are no integers.
    """
    entry = json.loads(line)
    if not isinstance(entry, dict):
        raise ValueError("not an object")
    if not isinstance(entry.get("body", entry.get("text")), str):
        raise ValueError("neither text nor body is a string")
    for name in ("input_tokens", "output_tokens"):
        value = entry.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise ValueError(f"{name} is no integer")
    return entry

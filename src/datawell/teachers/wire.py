"""HTTP as a teacher needs it: one session, one key that is never shown, one bounded answer.

Failures are raised as they come; ``limits.classify`` gives them their meaning.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import aiohttp
from yarl import URL

from datawell.core.errors import BadReply, UsageError, storage_boundary
from datawell.teachers.limits import Refused

MOST_BYTES = 16 * 1024 * 1024
MOST_ERROR_BYTES = 64 * 1024
CONNECT_SECONDS = 10.0
PIECE = 256 * 1024
MASK = "[key]"


class Secret:
    """A key: usable, never printable. Short values (``EMPTY``, ``none``) are dummies that local
    servers ask for; they are not hidden in texts, where they would match ordinary words."""

    def __init__(self, value: str) -> None:
        self._value = value

    @classmethod
    def from_environment(cls, name: str, who: str) -> Secret:
        """The key that the environment variable ``name`` holds.

        Raises:
            UsageError: the variable is not set, or holds what no key can be.
        """
        value = os.environ.get(name, "").strip()
        if not value:
            raise UsageError(
                f"{who} needs a key, and the environment variable {name} is not set",
                hint=f"export {name}=…   (keys are read from the environment, never from a recipe)",
            )
        if not (value.isascii() and value.isprintable()):
            raise UsageError(
                f"the environment variable {name} does not hold a key: it has line breaks or "
                "characters outside ASCII",
                hint=f"set {name} again, on one line",
            )
        return cls(value)

    def header(self, scheme: str = "Bearer ") -> str:
        """The value of the header that carries the key."""
        return f"{scheme}{self._value}"

    def hide(self, text: str) -> str:
        """``text`` without the key, should an endpoint echo it."""
        if len(self._value) < 12 or self._value not in text:
            return text
        return text.replace(self._value, MASK)

    def __repr__(self) -> str:
        return "Secret(…)"


class Wire:
    """Requests to one base URL. The session opens on first use and belongs to that event loop;
    after :meth:`close` the next request opens another.

    Args:
        base_url: without a slash at its end.
        headers: sent with each request; no secrets among them.
        first_byte_timeout: seconds until an answer must begin, and the longest silence within it.
        secret: the key, or None.
        key_header: the header that carries it; ``Authorization`` carries it as a bearer key.
        from_environment: use the proxy that HTTP(S)_PROXY names.
        heard: told the headers of each answer.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        first_byte_timeout: float,
        *,
        secret: Secret | None,
        key_header: str = "Authorization",
        from_environment: bool = False,
        heard: Callable[[Mapping[str, str]], None] | None = None,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._headers = dict(headers)
        self._first_byte = first_byte_timeout
        self._secret = secret
        self._key_header = key_header
        self._from_environment = from_environment
        self._heard = heard
        self._session: aiohttp.ClientSession | None = None
        self._urls: dict[str, URL] = {}

    async def request(
        self, method: str, path: str, data: bytes | None, seconds: float, *, stream: bool = False
    ) -> str:
        """Send, and return the body of a 2xx answer as text (bytes that are not UTF-8 replaced).
        Of a ``stream`` the first byte is that of its first event: headers and comments, which
        only keep a connection open, do not count.

        Raises:
            Refused: any other status, with its headers and the beginning of its body.
            TimeoutError: the first byte or the whole answer did not come in ``seconds``.
            BadReply: the body is too large or its compression is broken.
            aiohttp.ClientError, OSError: the connection failed.
        """
        first = min(seconds, self._first_byte)

        async def read(response: aiohttp.ClientResponse, begun: Callable[[], None]) -> str:
            if not stream:
                begun()
            return await self._body(response, begun if stream else None)

        return await self._exchange(method, path, data, (first, seconds), read)

    async def upload(self, path: str, fields: Mapping[str, str], file: Path, seconds: float) -> str:
        """Send a form with ``file`` in it, read from disk as it goes; the answer's body.

        Raises:
            StorageError, UsageError: the file cannot be read. Else as :meth:`request`.
        """
        edge = f"datawell-{secrets.token_hex(16)}"
        head = "".join(
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head += f'--{edge}\r\nContent-Disposition: form-data; name="file"; '
        head += f'filename="{file.name}"\r\nContent-Type: application/jsonl\r\n\r\n'
        tail = f"\r\n--{edge}--\r\n"
        with storage_boundary("a file of requests", file):
            size = len(head) + file.stat().st_size + len(tail)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={edge}",
            "Content-Length": str(size),
        }

        async def read(response: aiohttp.ClientResponse, begun: Callable[[], None]) -> str:
            begun()
            return await self._body(response, None)

        data = _form(head.encode(), file, tail.encode())
        # Sending takes its time, and only then can an answer begin.
        return await self._exchange("POST", path, data, (seconds, seconds), read, headers)

    async def download(self, path: str, file: Path, seconds: float) -> None:
        """Fetch a body of any size into ``file``, which is there whole or not at all.

        Raises:
            StorageError: the disk refused. Else as :meth:`request`.
        """
        part = file.with_name(file.name + ".tmp")

        async def read(response: aiohttp.ClientResponse, begun: Callable[[], None]) -> str:
            begun()
            kind = response.headers.get("Content-Encoding", "identity").lower()
            if not 200 <= response.status < 300 or kind not in ("", "identity"):
                return await self._body(response, None)
            with storage_boundary("a fetched file", part), part.open("wb") as out:
                async for piece in response.content.iter_any():
                    out.write(piece)
            part.replace(file)
            return ""

        first = min(seconds, self._first_byte)
        body = await self._exchange("GET", path, None, (first, seconds), read)
        if body:
            with storage_boundary("a fetched file", file):
                file.write_text(body, encoding="utf-8", errors="surrogatepass")

    def hide(self, text: str) -> str:
        """``text`` without the key, should it hold it."""
        return text if self._secret is None else self._secret.hide(text)

    async def _exchange(
        self,
        method: str,
        path: str,
        data: bytes | AsyncIterator[bytes] | None,
        patience: tuple[float, float],
        read: Callable[[aiohttp.ClientResponse, Callable[[], None]], Awaitable[str]],
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Send, and have the answer read; ``patience`` is seconds until ``read`` says that it has
        begun, and in all."""
        first, seconds = patience
        end = asyncio.get_running_loop().time() + seconds
        stage = f"no answer began within {first:g} s"
        try:
            async with asyncio.timeout(first) as scope:
                async with self._open().request(
                    method, self._url(path), data=data, headers=headers, allow_redirects=False
                ) as response:

                    def begun() -> None:
                        nonlocal stage
                        stage = "the answer did not end within the total deadline"
                        scope.reschedule(end)

                    if self._heard is not None:
                        self._heard(response.headers)
                    body = await read(response, begun)
        except aiohttp.ConnectionTimeoutError:
            raise
        except TimeoutError as error:
            silent = isinstance(error, aiohttp.SocketTimeoutError)
            raise TimeoutError("the answer fell silent half-way" if silent else stage) from None
        if not 200 <= response.status < 300:
            raise Refused(response.status, response.headers, body)
        return body

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            headers = {
                "Content-Type": "application/json",
                "Accept": "application/json",
                # Answers are small; plain bytes cannot be a decompression bomb.
                "Accept-Encoding": "identity",
                "User-Agent": "datawell",
                **self._headers,
            }
            if self._secret is not None:
                scheme = "Bearer " if self._key_header == "Authorization" else ""
                headers[self._key_header] = self._secret.header(scheme)
            self._session = aiohttp.ClientSession(
                headers=headers,
                connector=aiohttp.TCPConnector(limit=0),  # the limiter is the limit
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=CONNECT_SECONDS, sock_read=self._first_byte
                ),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=self._from_environment,
            )
        return self._session

    def _url(self, path: str) -> URL:
        if path not in self._urls:
            self._urls[path] = URL(self._base + path)
        return self._urls[path]

    async def _body(
        self, response: aiohttp.ClientResponse, begun: Callable[[], None] | None
    ) -> str:
        fine = 200 <= response.status < 300
        most = MOST_BYTES if fine else MOST_ERROR_BYTES
        parts, size = [], 0
        async for part in response.content.iter_any():
            size += len(part)
            if size > most and fine:
                raise BadReply(f"the answer is larger than {MOST_BYTES // 2**20} MiB")
            parts.append(part)
            if begun is not None and (b"data" in part or b"{" in part):
                begun()
                begun = None
            if size > most:
                break
        raw = b"".join(parts)[:most]
        kind = response.headers.get("Content-Encoding", "identity").lower()
        if kind not in ("", "identity"):
            raw = unpack(raw, kind, most) if fine else b""
        return self.hide(raw.decode("utf-8", "replace"))


async def _form(head: bytes, file: Path, tail: bytes) -> AsyncIterator[bytes]:
    yield head
    with storage_boundary("a file of requests", file), file.open("rb") as source:
        while piece := source.read(PIECE):
            yield piece
    yield tail


def unpack(raw: bytes, kind: str, most: int = MOST_BYTES) -> bytes:
    """A gzip or deflate body, at most ``most`` bytes large once unpacked.

    Raises:
        BadReply: another encoding, a broken stream, or too large a body.
    """
    if kind not in ("gzip", "x-gzip", "deflate"):
        raise BadReply(f"the answer is compressed as {kind[:20]!r}, which was not asked for")
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # gzip or zlib, told apart by its head
    try:
        plain = reader.decompress(raw, most + 1)
    except zlib.error as error:
        raise BadReply(f"the answer's {kind} stream is broken: {error}") from None
    if len(plain) > most:
        raise BadReply(f"the answer unpacks to more than {most // 2**20} MiB")
    if not reader.eof:
        raise BadReply(f"the answer's {kind} stream is cut short")
    return plain

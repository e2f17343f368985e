"""An event loop without a machine below it: time jumps to the next timer, connections are made of
memory, threads take their turn. Equal seeds give equal runs, whatever the processor does."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Protocol


class Deadlock(RuntimeError):
    """Everybody waits, and nobody for time."""


class Conversation(Protocol):
    """The far end of connections."""

    def accepts(self) -> bool:
        """Whether a new connection is taken up."""
        ...

    def received(self, connection: Connection, head: bytes, body: bytes) -> None:
        """A whole request came over a connection."""
        ...


class Machine(Protocol):
    """What the loop stands on."""

    now: float

    @property
    def provider(self) -> Conversation:
        """Who answers."""
        ...

    def step(self) -> None:
        """One turn of the loop begins; the machine may die here."""
        ...

    def latency(self) -> float:
        """Seconds until the next thing happens that takes its time."""
        ...


class Loop(asyncio.BaseEventLoop):
    """An asyncio loop on a :class:`Machine`."""

    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self.machine = machine
        self._selector = _Turns(machine)  # what BaseEventLoop waits with

    def time(self) -> float:
        """Virtual seconds."""
        return self.machine.now

    def _process_events(self, event_list: list[Any]) -> None:
        """There are no events but timers."""

    def _write_to_self(self) -> None:
        """Nobody sleeps, so nobody must be woken."""

    def run_in_executor(  # type: ignore[override]
        self, executor: object, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """The work of a thread, done whole at one moment a little later."""
        future = self.create_future()

        def work() -> None:
            if future.done():
                return
            try:
                result = func(*args)
            except BaseException as error:  # noqa: BLE001 - handed to whoever waits
                future.set_exception(error)
            else:
                future.set_result(result)

        self.call_later(self.machine.latency(), work)
        return future

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        """Connect a socket, or find nobody listening."""
        await asyncio.sleep(self.machine.latency())
        if not self.machine.provider.accepts():
            raise ConnectionRefusedError(111, "Connection refused")

    async def create_connection(  # type: ignore[override]
        self,
        protocol_factory: Callable[[], asyncio.Protocol],
        host: str | None = None,
        port: int | None = None,
        *,
        sock: socket.socket | None = None,
        **_: Any,
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """A connection to the provider, over a socket from :meth:`sock_connect` or by address."""
        if sock is None:
            await asyncio.sleep(self.machine.latency())
            if not self.machine.provider.accepts():
                raise ConnectionRefusedError(111, "Connection refused")
        protocol = protocol_factory()
        connection = Connection(self, protocol, sock)
        protocol.connection_made(connection)
        return connection, protocol


class _Turns:
    """What stands in the place of a selector: the wait itself."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def select(self, timeout: float | None) -> list[Any]:
        """Let time pass."""
        if timeout is None:
            raise Deadlock("everybody waits, and nobody for time")
        self._machine.now += timeout
        self._machine.step()
        return []


class Connection(asyncio.Transport):
    """One end of a connection in memory; requests are handed over whole to the provider."""

    def __init__(
        self, loop: Loop, protocol: asyncio.Protocol, sock: socket.socket | None = None
    ) -> None:
        super().__init__()
        self.served = 0
        self._loop = loop
        self._protocol = protocol
        self._sock = sock
        self._sent = bytearray()
        self._closing = False
        self._paused = False
        self._held: list[bytes] = []

    # -- the client's side ------------------------------------------------------------------

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send; a whole request reaches the provider."""
        if self._closing:
            return
        self._sent += data
        while (end := self._sent.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._sent[:end])
            size = _content_length(head)
            if len(self._sent) < end + 4 + size:
                return
            body = bytes(self._sent[end + 4 : end + 4 + size])
            del self._sent[: end + 4 + size]
            self._loop.machine.provider.received(self, head, body)
            self.served += 1

    def is_closing(self) -> bool:
        """Whether it is closed, or will be."""
        return self._closing

    def close(self) -> None:
        """Close."""
        self.lose(None)

    def abort(self) -> None:
        """Close at once."""
        self.lose(None)

    def pause_reading(self) -> None:
        """Hold back what comes."""
        self._paused = True

    def resume_reading(self) -> None:
        """Hand over what was held back."""
        self._paused = False
        held, self._held = self._held, []
        for data in held:
            self.feed(data)

    def is_reading(self) -> bool:
        """Whether data is handed over."""
        return not self._paused

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who reads."""
        return self._protocol

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is ever buffered."""

    def get_write_buffer_size(self) -> int:
        """Nothing is ever buffered."""
        return 0

    # -- the provider's side ----------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        """Bytes arrive at the client."""
        if self._closing:
            return
        if self._paused:
            self._held.append(data)
        else:
            self._protocol.data_received(data)

    def lose(self, error: Exception | None) -> None:
        """The connection ends: closed in order, or broken by ``error``."""
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._lost, error)

    def _lost(self, error: Exception | None) -> None:
        self._protocol.connection_lost(error)
        if self._sock is not None:
            self._sock.close()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0

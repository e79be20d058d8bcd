"""A door in front of a broker that can be shut: for connections that are cut, or not there yet."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """Forwards one local port to another, while it is open."""

    to_host: str
    to_port: int
    port: int = 0
    reflexes: dict[bytes, bytes] = field(default_factory=dict)
    """When the near side says the one, the far side is told the other first; once each."""
    _listening: socket.socket | None = None
    _pipes: set[asyncio.Task[None]] = field(default_factory=set)
    _serving: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> None:
        """Begin to listen; on the same port as before."""
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self._listening.setblocking(False)
        self.port = self._listening.getsockname()[1]
        # not asyncio's server: closed while somebody comes in, it loses the socket (an AssertionError
        # in its `_attach`), and the collection of that is a warning
        asyncio.get_running_loop().add_reader(self._listening, self._accept, self._listening)

    async def shut(self) -> None:
        """Listen no more, and cut what is there."""
        if self._listening is not None:
            asyncio.get_running_loop().remove_reader(self._listening)
            self._listening.close()
            self._listening = None
        for pipe in list(self._pipes):
            pipe.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            coming, _ = listening.accept()
            coming.setblocking(False)
            task = asyncio.ensure_future(self._serve(coming))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)

    async def _serve(self, coming: socket.socket) -> None:
        near, answer = await asyncio.open_connection(sock=coming)
        far, forward = await asyncio.open_connection(self.to_host, self.to_port)
        pipes = [
            asyncio.ensure_future(_pipe(near, forward, lambda said: self._twitch(said, forward))),
            asyncio.ensure_future(_pipe(far, answer, lambda _: None)),
        ]
        self._pipes.update(pipes)
        try:
            if self._listening is not None:  # else it was shut meanwhile
                await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pipe in pipes:
                pipe.cancel()
                self._pipes.discard(pipe)
            for writer in (forward, answer):
                writer.transport.abort()

    def _twitch(self, said: bytes, forward: asyncio.StreamWriter) -> None:
        for heard in [each for each in self.reflexes if each in said]:
            forward.write(self.reflexes.pop(heard))


async def _pipe(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Callable[[bytes], None]
) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            seen(data)
            writer.write(data)
            await writer.drain()

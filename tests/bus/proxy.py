"""A door in front of a broker that can be shut: for connections that are cut, or not there yet."""

import asyncio
import contextlib
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """Forwards one local port to another, while it is open."""

    to_host: str
    to_port: int
    port: int = 0
    _server: asyncio.Server | None = None
    _pipes: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> None:
        """Begin to listen; on the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Listen no more, and cut what is there."""
        if self._server is not None:
            self._server.close()
        for pipe in list(self._pipes):
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)

    async def _serve(self, near: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        far, forward = await asyncio.open_connection(self.to_host, self.to_port)
        pipes = [
            asyncio.ensure_future(_pipe(near, forward)),
            asyncio.ensure_future(_pipe(far, answer)),
        ]
        self._pipes.update(pipes)
        try:
            await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pipe in pipes:
                pipe.cancel()
                self._pipes.discard(pipe)
            for writer in (forward, answer):
                writer.transport.abort()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()

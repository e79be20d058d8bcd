"""What runs within a service beside its queues."""

from typing import Protocol


class Part(Protocol):
    """Something a service runs beside its queues: a page server, a poller."""

    async def start(self) -> None:
        """Begin; return when it is ready."""
        ...

    async def stop(self) -> None:
        """End, within a second or two."""
        ...

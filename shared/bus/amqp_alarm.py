"""A broker that is short of memory or of disk reads nothing from who publishes, and is well otherwise.

It says so on each connection that publishes (`connection.blocked`), and says when it is over. Without
listening to that, a publish would look like a lost one: said again and again, into the same pipe.
"""

import asyncio
from collections.abc import Callable

import structlog
from aio_pika.abc import AbstractConnection
from pamqp.commands import Connection as Told

log = structlog.get_logger()

BLOCKED = "_Connection__handle_connection_blocked"
UNBLOCKED = "_Connection__handle_connection_unblocked"
"""What aiormq calls for the broker's words; it keeps the reason to itself, and tells nobody else."""

MEND = (
    "what is said waits in the outbox and nothing is lost; give the broker memory or disk, or raise its "
    "limit (rabbitmqctl set_vm_memory_high_watermark, set_disk_free_limit)"
)


class Alarm:
    """Whether the broker refuses to read from one line, and why."""

    def __init__(self, *, service: str, at: str) -> None:
        """`at`: the broker's address, for the line that is logged."""
        self._service = service
        self._at = at
        self._over = asyncio.Event()
        self._over.set()
        self.reason = ""
        """What the broker says it is short of; empty: nothing."""
        self.changed: list[Callable[[], None]] = []
        """Called when it begins and when it is over."""

    def listen(self, connection: AbstractConnection) -> None:
        """Hear what the broker says on this connection, beside the client."""
        assert connection.transport is not None
        below = connection.transport.connection
        heard, heard_end = getattr(below, BLOCKED), getattr(below, UNBLOCKED)

        async def blocked(frame: Told.Blocked) -> None:
            await heard(frame)
            self._raise(str(frame.reason))

        async def unblocked(frame: Told.Unblocked) -> None:
            await heard_end(frame)
            self._end("the broker reads again")

        setattr(below, BLOCKED, blocked)
        setattr(below, UNBLOCKED, unblocked)

    def forget(self) -> None:
        """The connection is gone, and with it what was said on it."""
        self._end("the connection is gone")

    async def over(self) -> None:
        """Return when the broker reads."""
        await self._over.wait()

    def _raise(self, reason: str) -> None:
        if not self.reason:
            log.warning(
                "broker_blocks", service=self._service, at=self._at, reason=reason, next=MEND
            )
        self.reason = reason
        self._over.clear()
        self._tell()

    def _end(self, why: str) -> None:
        if self.reason:
            log.warning("broker_blocks_no_more", service=self._service, at=self._at, why=why,
                        next="what waited is sent")  # fmt: skip
        self.reason = ""
        self._over.set()
        self._tell()

    def _tell(self) -> None:
        for each in self.changed:
            each()

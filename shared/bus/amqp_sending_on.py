"""What is not simply done with goes elsewhere: to be tried again, or among the dead letters."""

from typing import Protocol

import structlog

from shared.bus.driver import Again, Dead, Verdict
from shared.errors import Refused, TryLater
from shared.messages import Envelope

log = structlog.get_logger()

AGAIN_S = 0.25


class SendsOn(Protocol):
    """Says a message on, confirmed by the broker. Each raises TryLater when it cannot just now."""

    async def pause(self, seconds: float) -> None:
        """Wait before something is tried again."""

    async def retry(self, envelope: Envelope, queue: str, *, attempt: int, after_s: float) -> None:
        """Have it brought back to `queue`."""

    async def park(self, envelope: Envelope, queue: str, *, reason: str, traceback: str) -> None:
        """Put it into the parking queue with its reason."""


async def send_on(verdict: Verdict, queue: str, by: SendsOn) -> None:
    """Send it where the verdict says, tried until it is safe there; nothing when it is done with."""
    envelope, attempt = verdict.delivery.envelope, verdict.delivery.attempt
    while True:
        try:
            if isinstance(verdict, Again):
                await by.retry(envelope, queue, attempt=attempt + 1, after_s=verdict.after_s)
            elif isinstance(verdict, Dead):
                await by.park(envelope, queue, reason=verdict.reason, traceback=verdict.traceback)
            return
        except (TryLater, Refused) as error:  # not acknowledged before it is safe elsewhere
            log.warning("settle_failed", queue=queue, error=str(error), next="again")
            await by.pause(AGAIN_S)

"""A service on Gatefleet's own bus: asks for help where an issue waits for a person and for no time.

Run it: python escalation.py amqp://escalation:SECRET@localhost:5672/
"""

import asyncio
import sys
from urllib.parse import urlsplit

from shared.bus import Driver, Service
from shared.bus.amqp import AmqpDriver
from shared.clock import Clock, SystemClock
from shared.messages.custom import CustomEvent
from shared.messages.work import IssueParked
from shared.store import Handling, Store


def ask_for_help(parked: IssueParked, at: Handling) -> list[CustomEvent]:
    """An issue that goes on by itself needs nobody."""
    if parked.until is not None:
        return []
    data = {"issue": parked.issue, "why": parked.why, "words": parked.next}
    return [CustomEvent(repo=parked.repo, name="help.wanted", data=data)]


def build(driver: Driver, store: Store, clock: Clock) -> Service:
    """The service, ready to start: its queue, and what it may say, come from the handler's signature."""
    service = Service("escalation", driver=driver, store=store, clock=clock)
    service.hears(ask_for_help)
    return service


async def main(url: str) -> None:
    """Until somebody stops it."""
    clock = SystemClock()
    # On a broker for trying things out all are `guest`, and nobody can be told by the user.
    driver = AmqpDriver(url, clock, shared_identity=urlsplit(url).username == "guest")
    service = build(driver, Store("sqlite:///escalation.db"), clock)
    await service.start()
    try:
        await service.broken()
    finally:
        await service.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

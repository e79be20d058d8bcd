"""Settle on quiescence, whatever the clock: a fake one is moved on when nothing else moves."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from shared.bus import Service, quiet, settled
from shared.clock import Clock, FakeClock

ROUNDS = 6
"""Looks without any change before time is moved on. Each look goes through every store's thread,
so whatever had been asked of a store before is done by then."""


async def settle(services: Sequence[Service], clock: Clock, *, at_most_s: float = 3600.0) -> None:
    """Return when all are settled; AssertionError when `at_most_s` of fake time did not do."""
    if not isinstance(clock, FakeClock):
        await settled(services)
        return
    until = clock.monotonic() + at_most_s
    in_a_row = still = 0
    seen: object = None
    while in_a_row < 2:
        if await quiet(services):
            in_a_row += 1
            continue
        in_a_row = 0
        now = await _look(services)
        still = still + 1 if now == seen else 0
        seen = now
        if still >= ROUNDS:
            due = clock.next_due()
            assert due is not None, f"nothing moves and nothing is due: {now}"
            assert clock.monotonic() + due <= until, f"not settled in {at_most_s} s: {now}"
            clock.advance(due)
            still = 0


async def _look(services: Sequence[Service]) -> object:
    for service in services:
        await service.store.run(_nothing)
    counts = [
        (service.name, each.queue.name, vars(each.counts).copy(), each.busy)
        for service in services
        for each in service.deliveries
    ]
    return [await service.driver.depth() for service in services], counts


def _nothing(_session: Session) -> None: ...

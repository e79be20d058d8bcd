"""Sends what the outbox holds: published with confirm, then forgotten."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.bus.driver import Driver
from shared.bus.holds import NEVER, Holds
from shared.bus.tracing import publishing_span
from shared.clock import Clock
from shared.errors import Refused, TryLater
from shared.messages import Envelope
from shared.store import Store, outbox
from shared.watching import Counted, Recorder

log = structlog.get_logger()

PUBLISHED, UNHEARD, REFUSED, UNCONFIRMED = "published", "unheard", "refused", "unconfirmed"
"""How a try to send ends."""
PAGE = 200
FIRST_AWAY_S, LONGEST_AWAY_S = 0.25, 2.0
STORE_WAIT_S = 1.0
CONFIRM_S = 2.0
"""At a stop the broker is given so long to confirm what it was sent."""
LINGER_S = 0.25
"""What was sent is forgotten together with what is sent within so many seconds; sooner, when it takes up
much of the room. Not each by itself: whatever is to be committed next would wait for that."""


class Relay:
    """One service's relay. What was not confirmed stays in the outbox and is sent again.

    What has just been committed is handed over (`offer`) and sent at once, when all that is older is
    under way already; else it is read from the store in its order (docs/decisions/0026).

    A topic that cannot be sent is held as a whole, outside of the window: what nobody listens to
    must not keep the rest from being sent.
    """

    def __init__(self, store: Store, driver: Driver, clock: Clock) -> None:
        self._store = store
        self._driver = driver
        self._clock = clock
        self._stir = asyncio.Event()
        """There is something to do: new rows, or enough of what was under way has ended."""
        self._more = True
        """There may be rows that were not looked at."""
        self._under_way: dict[UUID, asyncio.Future[bool]] = {}
        """Begun, and not known to the store as sent."""
        self._sent: list[UUID] = []
        """Of those: sent."""
        self._lingers: asyncio.TimerHandle | None = None
        self._holds = Holds(clock)
        self._rests_until = 0.0
        self._away_s = 0.0
        self._task: asyncio.Task[None] | None = None
        self.recorder: Recorder | None = None
        self.ends: Counted[tuple[str, str]] = Counted()
        """How often a topic was published, unheard, refused, or not confirmed."""

    async def start(self) -> None:
        """Begin with what an earlier life left behind."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Begin nothing new, and wait a little for what is under way: what is not confirmed then is sent
        again at the next start, and may reach an instance that does not know it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            if self._lingers is not None:
                self._lingers.cancel()
            self._more = True  # and whatever is committed now is left to the next start
        under_way = list(self._under_way.values())
        if under_way:
            await asyncio.wait(under_way, timeout=CONFIRM_S)
            with suppress(DBAPIError):  # a store that is away: then they are sent again
                await self._store.run(lambda session: outbox.sent(session, self._sent))
        for future in under_way:
            future.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    def tasks(self) -> list[asyncio.Task[None]]:
        """What must not end before `stop`."""
        return [self._task] if self._task is not None else []

    def wake(self) -> None:
        """The outbox may have something new."""
        self._more = True
        self._stir.set()

    def offer(self, envelopes: Sequence[Envelope]) -> None:
        """These have just been committed to the outbox."""
        if self._more or self._rests() or len(envelopes) > self._room():
            self.wake()
            return
        for envelope in envelopes:
            if envelope.topic in self._holds:
                self.wake()  # they are counted as held, and tried, by what is read
            else:
                self._begin(envelope)

    async def idle(self) -> bool:
        """Nothing is under way, and nothing in the outbox could be sent but what nobody hears.

        That is kept and tried again now and then: whoever hears it may come, or never (a console that
        is not there), and waiting for that would be waiting for ever.
        """
        if self._under_way:
            self._stir.set()  # whoever asks need not wait until it is forgotten by itself
            return False
        unheard = self._holds.unheard
        return await self._store.run(lambda session: outbox.depth(session, besides=unheard)) == 0

    async def _run(self) -> None:
        while True:
            self._stir.clear()
            try:
                page = await self._turn()
            except DBAPIError as error:  # a row that is not forgotten is sent again, and dropped
                log.warning(
                    "store_unavailable", part="relay", error=str(error.orig), next="again in 1 s"
                )
                await self._clock.sleep(STORE_WAIT_S)
                continue
            for envelope in page:
                self._begin(envelope)
            if not (page and self._more and self._room()):
                await self._until_something_happens()

    async def _turn(self) -> list[Envelope]:
        """Forget what was sent, and take what is next, in one transaction. It need not last: what a
        power cut brings back is sent again, and dropped by whoever has heard it."""
        sent = self._sent.copy()
        self._more = self._more or bool(self._holds)
        limit = 0 if self._rests() or not self._more else min(PAGE, self._room(but=len(sent)))
        held = self._holds.not_due()
        skip = self._under_way.keys() - set(sent)

        def work(session: Session) -> list[Envelope]:
            if sent:
                outbox.sent(session, sent)
            return outbox.waiting(session, limit=limit, skip=skip, topics=held) if limit else []

        if limit:
            self._more = False  # until somebody says otherwise, from here on
        try:
            page = await self._store.run(work, lasting=False) if sent or limit else []
        except DBAPIError:
            self._more = True
            raise
        for identity in sent:  # only now: until its row is gone, a sent one must not be sent again
            del self._under_way[identity]
        del self._sent[: len(sent)]
        if self._sent:  # they have ended meanwhile
            self._linger()
        self._more = self._more or 0 < limit == len(page)
        probed = self._holds.all_but(held)
        return [each for each in page if not self._holds.waits_for_a_probe(each.topic, probed)]

    def _rests(self) -> bool:
        return self._clock.monotonic() < self._rests_until

    def _room(self, *, but: int = 0) -> int:
        """How many more may be under way; `but`: so many of those have ended."""
        return max(0, self._driver.window - len(self._under_way) + but)

    def _begin(self, envelope: Envelope) -> None:
        if envelope.id in self._under_way:  # handed over, and read as well
            return
        began = self._clock.now() if self.recorder is not None else None
        future = self._under_way[envelope.id] = self._driver.publish(envelope)
        future.add_done_callback(partial(self._has_ended, envelope, began))

    def _has_ended(
        self, envelope: Envelope, began: datetime | None, future: asyncio.Future[bool]
    ) -> None:
        """The store is told of many at a time, but of none much later than it could be."""
        was_sent, end = self._end_of(envelope.topic, future)
        self.ends[envelope.topic, end] += 1
        if self.recorder is not None and began is not None:
            error = "" if end == PUBLISHED else end
            times = (began, self._clock.now())
            self.recorder.record(
                envelope, times[1], lambda: publishing_span(envelope, times, error)
            )
        if not was_sent:
            del self._under_way[envelope.id]
            return self.wake()
        self._sent.append(envelope.id)
        if len(self._sent) * 4 >= (len(self._under_way) if self._more else self._driver.window):
            self._stir.set()
        else:
            self._linger()

    def _linger(self) -> None:
        if self._lingers is None:
            self._lingers = asyncio.get_running_loop().call_later(LINGER_S, self._has_lingered)

    def _has_lingered(self) -> None:
        self._lingers = None
        self._stir.set()

    async def _until_something_happens(self) -> None:
        now = self._clock.monotonic()
        due = self._holds.due
        if now < self._rests_until:
            due = self._rests_until  # whatever is due before that cannot be sent either
        if due == NEVER:
            await self._stir.wait()
            return
        sleeping = asyncio.ensure_future(self._clock.sleep(due - now))
        waits: list[asyncio.Future[Any]] = [sleeping, asyncio.ensure_future(self._stir.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    def _end_of(self, topic: str, future: asyncio.Future[bool]) -> tuple[bool, str]:
        """Whether it need not be sent any more, and how the try has ended."""
        if future.cancelled():  # by the connection, which closed under it
            return False, UNCONFIRMED
        error = future.exception()
        if error is not None:
            return False, self._failed(topic, error)
        self._away_s = 0.0
        if future.result() or not self._driver.keeps_unheard:
            if self._holds.let_go(topic):
                self.wake()  # the others of its topic
            return True, PUBLISHED if future.result() else UNHEARD
        wait = self._holds.hold(topic, unheard=True)
        log.info("nobody_listens", topic=topic, next=f"again in {wait:g} s")
        return False, UNHEARD

    def _failed(self, topic: str, error: BaseException) -> str:
        if isinstance(error, TryLater):
            self._rest(error)
            if topic in self._holds:
                self._holds.hold(topic)
            return UNCONFIRMED
        wait = self._holds.hold(topic)
        if isinstance(error, Refused):
            log.error("publish_refused", topic=topic, error=str(error), again_in_s=wait,
                      next="it stays in the outbox: mend the service's permissions")  # fmt: skip
            return REFUSED
        # a mistake in the driver is told, not lost
        log.error("publish_failed", topic=topic, exc_info=error, again_in_s=wait)
        return UNCONFIRMED

    def _rest(self, error: TryLater) -> None:
        """The other side is away: begin nothing for a while. Said once, however many were under way."""
        now = self._clock.monotonic()
        if now < self._rests_until:
            return
        self._away_s = min(max(self._away_s * 2, FIRST_AWAY_S), LONGEST_AWAY_S)
        self._rests_until = now + self._away_s
        log.warning("publish_failed", error=str(error), next=f"again in {self._away_s:g} s")

"""One delivery for both drivers: a batch is taken, applied in one transaction, then settled.

The order is what keeps promises: inbox, state, jobs and outbox are committed together; only then is
the batch acknowledged. A crash in between delivers again, and the inbox drops the repeat.
"""

import asyncio
import traceback
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.bus.authority import may_say
from shared.bus.driver import Again, Dead, Delivery, Done, Driver, Inlet, Queue, Verdict
from shared.bus.signature import Reaction
from shared.bus.topics import matches
from shared.bus.tracing import handling_span, handling_trace
from shared.clock import Clock, Compared
from shared.errors import BadInput, Refused, TryLater
from shared.jobs.commit import Committed, Sealed, Speaker, commit_all
from shared.messages import Message, read
from shared.store import Handling, Store, inbox, is_the_stores, outbox
from shared.store.many import Kept, write_kept
from shared.watching import Recorder, Spread, about
from shared.watching.counts import LAGS, SECONDS, SIZES

log = structlog.get_logger()

BATCH = 100
ATTEMPTS = 6
"""Deliveries of a failing message before it is parked: about 15 seconds of trying."""
FIRST_WAIT_S = 0.5
STORE_WAIT_S = 1.0
MEANS = "goes on; what goes by time (leases, schedules, rests) is early or late by as much"


@dataclass
class Counts:
    """What a queue has seen since the start."""

    received: int = 0
    handled: int = 0
    repeated: int = 0
    retried: int = 0
    dead: int = 0
    failed: int = 0
    """Handlings that raised; each was then retried or dead."""
    batch: Spread = field(default_factory=lambda: Spread(SIZES))
    """Messages in one transaction."""
    lag_s: Spread = field(default_factory=lambda: Spread(LAGS))
    """From when a message was said to when what it led to was committed."""
    seconds: Spread = field(default_factory=lambda: Spread(SECONDS))
    """Of a message's share of its transaction."""


class Delivering:
    """The consumer of one queue of a service."""

    def __init__(
        self, queue: Queue, reactions: Sequence[Reaction], *, speaker: Speaker, store: Store,
        clock: Clock, driver: Driver,
    ) -> None:  # fmt: skip
        self.queue = queue
        self.counts = Counts()
        self.busy = False
        self.committed: Committed = lambda _: None
        """The service sends what was said."""
        self._reactions = reactions
        self._kinds = {reaction.topic: reaction.hears for reaction in reactions}
        self._allowed = frozenset[type].union(frozenset(), *(each.says for each in reactions))
        self._speaker = speaker
        self._store = store
        self._clock = clock
        self._driver = driver
        self._stopping = asyncio.Event()
        self.recorder: Recorder | None = None
        self.clocks = Compared(means=MEANS)
        """Whose messages come from the future."""
        self.also_heard: Collection[str] = ()
        """Topics that this service hears. What was said on one of them, too, is acted on there alone:
        instances of an older version share that queue, and know no other."""
        self.checks_sender = True
        """False on a broker where everyone is one user: then it is said at the start."""

    async def run(self, inlet: Inlet) -> None:
        """Take, apply, settle, until the inlet has no more to give."""
        while batch := await inlet.take(BATCH):
            self.busy = True
            try:
                verdicts = await self._until_applied(batch)
                if verdicts is not None:
                    await inlet.settle(verdicts)
            finally:
                self.busy = False

    def stop(self) -> None:
        """Do not wait for a store that is away any more: what was taken goes back."""
        self._stopping.set()

    async def _until_applied(self, batch: Sequence[Delivery]) -> list[Verdict] | None:
        while True:
            try:
                return await self._apply(batch)
            except DBAPIError as error:  # what did go through is in the inbox, and not done twice
                log.warning("store_unavailable", queue=self.queue.name, error=str(error.orig),
                            next="the same batch again in 1 s")  # fmt: skip
            if await self._stopped_within(STORE_WAIT_S):
                return None

    async def _stopped_within(self, seconds: float) -> bool:
        pause = asyncio.ensure_future(self._clock.sleep(seconds))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({pause, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pause.cancel()
            stopping.cancel()
        return self._stopping.is_set()

    async def _apply(self, batch: Sequence[Delivery]) -> list[Verdict]:
        self.counts.received += len(batch)
        good: list[tuple[Delivery, Message]] = []
        verdicts: list[Verdict] = []
        for delivery in batch:
            understood = self._understand(delivery)
            if isinstance(understood, Dead):
                verdicts.append(understood)
            elif delivery.envelope.beside in self.also_heard:
                self.counts.repeated += 1
                verdicts.append(Done(delivery))
            else:
                good.append((delivery, understood))
        await self._bury(verdicts)
        if not good:
            return verdicts
        try:
            await self._handle(good)
            verdicts += [Done(delivery) for delivery, _ in good]
        except Exception as error:  # the one place: whatever a handler raises ends here
            if is_the_stores(error):
                raise
            if len(good) == 1:
                verdicts.append(await self._failed(good[0][0], error))
            else:
                verdicts += await self._one_by_one(good)
        return verdicts

    def _understand(self, delivery: Delivery) -> Message | Dead:
        envelope = delivery.envelope
        if self.checks_sender and not may_say(envelope.sender, envelope.topic):
            return Dead(delivery, f"{envelope.sender or 'nobody'} may not say {envelope.topic}")
        if envelope.topic not in self.queue.topics and not any(
            matches(pattern, envelope.topic) for pattern in self.queue.topics
        ):
            return Dead(delivery, f"{envelope.topic} does not belong into {self.queue.name}")
        if (size := len(envelope.body)) > outbox.LARGEST_BODY:
            reason = outbox.TOO_LARGE.format(
                topic=envelope.topic, size=size, limit=outbox.LARGEST_BODY
            )
            return Dead(delivery, reason)
        try:
            return read(envelope.topic, envelope.body, kinds=self._kinds)
        except BadInput as error:
            return Dead(delivery, str(error))

    async def _one_by_one(self, good: Sequence[tuple[Delivery, Message]]) -> list[Verdict]:
        verdicts: list[Verdict] = []
        for delivery, message in good:
            try:
                await self._handle([(delivery, message)])
                verdicts.append(Done(delivery))
            except Exception as error:
                if is_the_stores(error):
                    raise  # the store's own trouble is no message's fault
                verdicts.append(await self._failed(delivery, error))
        return verdicts

    async def _failed(self, delivery: Delivery, error: Exception) -> Verdict:
        self.counts.failed += 1
        now = self._clock.now()
        self._span(delivery, (now, now), error=repr(error))
        trace = "".join(traceback.format_exception(error))
        if delivery.attempt >= ATTEMPTS or isinstance(error, Refused | BadInput):
            dead = Dead(delivery, f"{type(error).__name__}: {error}", trace)
            await self._bury([dead])
            return dead
        after = FIRST_WAIT_S * 2 ** (delivery.attempt - 1)
        if isinstance(error, TryLater) and error.after is not None:
            after = max(after, error.after.total_seconds())
        self.counts.retried += 1
        with about(delivery.envelope):
            log.warning("handler_failed", queue=self.queue.name, attempt=delivery.attempt,
                        error=repr(error), next=f"again in {after:g} s")  # fmt: skip
        return Again(delivery, after)

    async def _bury(self, verdicts: Sequence[Verdict]) -> None:
        dead = [verdict for verdict in verdicts if isinstance(verdict, Dead)]
        for letter in dead:
            self.counts.dead += 1
            with about(letter.delivery.envelope):
                log.error("dead_letter", queue=self.queue.name, reason=letter.reason,
                          topic=letter.delivery.envelope.topic, next="gatefleet dead list")  # fmt: skip
        if not dead or self._driver.keeps_dead:
            return

        def work(session: Session) -> None:
            for letter in dead:
                why = (letter.reason, letter.traceback)
                outbox.bury(session, self.queue.name, letter.delivery.envelope, why=why,
                            at=self._clock.now())  # fmt: skip

        await self._store.run(work)

    async def _handle(self, good: Sequence[tuple[Delivery, Message]]) -> None:
        """Run the handlers for what is new, in one transaction; copies in one batch are one."""
        unique = {delivery.envelope.id: (delivery, message) for delivery, message in good}
        began = self._clock.now()

        def work(session: Session) -> tuple[list[UUID], list[Sealed]]:
            now = self._clock.now()
            first = inbox.first_heard(session, self.queue.name, unique.keys(), now)
            fresh = {identity: pair for identity, pair in unique.items() if identity in first}
            kept: Kept = {}
            said = [self._react(session, *pair, now, kept) for pair in fresh.values()]
            write_kept(session, kept)
            commit_all(session, said)
            inbox.heard_again(session, self.queue.name, unique.keys() - first, now)
            return list(fresh), said

        said = None
        try:
            fresh, said = await self._store.run(work)
        finally:
            self.committed(said)
        self._count([unique[identity][0] for identity in fresh], len(good), began)

    def _count(self, fresh: Sequence[Delivery], taken: int, began: datetime) -> None:
        """Once a batch: `taken` messages were in the transaction that began then, these were new."""
        self.counts.handled += len(fresh)
        self.counts.repeated += taken - len(fresh)
        if not fresh:
            return
        now = self._clock.now()
        self.counts.batch.note(len(fresh))
        self.counts.seconds.note((now - began).total_seconds() / len(fresh), len(fresh))
        for delivery in fresh:
            lag_s = (now - delivery.envelope.at).total_seconds()
            self.counts.lag_s.note(lag_s)
            # what is old may have waited; what comes from the future was said by another clock
            if lag_s < 0 or self.clocks.trouble:
                self.clocks.met(delivery.envelope.sender, max(0.0, -lag_s))
            self._span(delivery, (began, now))

    def _span(self, delivery: Delivery, times: tuple[datetime, datetime], error: str = "") -> None:
        if self.recorder is not None:
            self.recorder.record(delivery.envelope, times[1], lambda: handling_span(
                self._speaker, self.queue, delivery, times=times, error=error
            ))  # fmt: skip

    def _react(
        self, session: Session, delivery: Delivery, message: Message, now: datetime, kept: Kept
    ) -> Sealed:
        envelope = delivery.envelope
        at = Handling(
            session, now, envelope.id, envelope.correlation, envelope.sender,
            handling_trace(self._speaker, delivery), envelope.at, kept=kept,
        )  # fmt: skip
        with about(at):
            said = [thing for each in self._reactions for thing in each.handler(message, at) or ()]
        return self._speaker.seal(said, at, allowed=self._allowed)

"""A service: handlers, jobs and timers around one store and one driver.

service = Service("scheduler", driver=bus.driver(), store=store, clock=clock)
service.hears(admit, release)          # queues, bindings and words come from the signatures
service.does(publish_change)
service.every(timedelta(seconds=1), expire_leases)
await service.start()
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from shared.bus.activity import Activity
from shared.bus.authority import WORDS
from shared.bus.delivery import BATCH, MEANS, Delivering
from shared.bus.driver import Driver, Inlet, Queue
from shared.bus.part import Part
from shared.bus.pruning import DAILY, Pruning, pruning
from shared.bus.relay import Relay
from shared.bus.signature import Handler, Reaction, read_duty, read_handler
from shared.bus.timers import Tick, Timer, ticked
from shared.clock import Clock, Compared
from shared.jobs import MIGRATIONS, Duty, GaveUp, Worker
from shared.jobs.commit import Sealed, Speaker, commit_and_tell
from shared.store import Migrations, Store
from shared.watching import Recorder, whose
from shared.watching.metrics import Told

log = structlog.get_logger()

LARGE = {"draft.change.proposed.v1": 2}
"""Topics with megabytes in a body: a queue of their own with a small prefetch."""

PREFETCH = 2 * BATCH
"""One batch is worked on while the next one comes."""

STOP_S = 4.0
"""What has come may take so long to be worked off at a stop; the rest is delivered again. Less than what
the whole stop is given: a verdict may wait for a broker that reads nothing."""
STARTING = "starting"
STANDS_BY = "{service}: stands by; {active} is active, and this one takes over when that ends"
NO_STORE = "{service}: its store does not take what it commits: {why}"


class Service:
    """One service of the fleet, whatever the driver."""

    def __init__(
        self, name: str, *, driver: Driver, store: Store, clock: Clock, instance: str = "1",
        migrations: tuple[Migrations, ...] = (),
    ) -> None:  # fmt: skip
        self.name = name
        self.instance = instance
        self.store = store
        self.clock = clock
        self.driver = driver
        self.speaker = Speaker(name, WORDS.get(name, frozenset()), instance)
        self.reactions: dict[str, list[Reaction]] = {}
        self.duties: dict[str, Duty] = {}
        self.deliveries: list[Delivering] = []
        self.relay = Relay(store, driver, clock)
        self.worker = Worker(
            self.speaker, store, clock, holder=f"{name}:{instance}", duties=self.duties
        )
        self._migrations = migrations
        self._instance_topics: set[str] = set()
        self._pruning = Pruning(store, clock)
        self._timers = [Timer(DAILY, pruning, self._pruning.commit, clock)]
        self._parts: list[Part] = []
        self._consuming: list[tuple[Delivering, Inlet, asyncio.Task[None]]] = []
        self._on_start: list[Callable[[], Awaitable[None]]] = []
        self.tells: list[Told] = []
        self.clocks = Compared(means=MEANS)
        self.doubts: list[Callable[[], str]] = []
        """Each says what keeps it from its work, or nothing."""
        self._works = False
        self._recorder: Recorder | None = None
        self._activity = Activity()

    def one_active(self, *, holder: str = "") -> None:
        """Of the instances on this store one is active, and the others stand by (decision 19).

        `holder`: of its jobs; left out, all instances are the same one to them, so that whoever takes
        over goes on with what its forerunner had begun. Where no other process can come
        (`memory://`), nobody need wait.
        """
        self.worker.holder = holder or self.name
        if self.driver.keeps_unheard:
            self._activity = Activity(self.store.seat(self.clock))

    @property
    def waits_for(self) -> str:
        """Who is active while this instance stands by; else empty."""
        return self._activity.waits_for

    def hears(self, *handlers: Handler, every_instance: bool = False) -> None:
        """React to the messages that the handlers' signatures name.

        `every_instance`: each instance hears it (cancellations); otherwise instances compete.
        """
        for handler in handlers:
            for reaction in read_handler(handler):
                self.speaker.check(reaction.says)
                self.reactions.setdefault(reaction.topic, []).append(reaction)
                if every_instance:
                    self._instance_topics.add(reaction.topic)

    def does(
        self, work: Callable[..., Any], *, gave_up: GaveUp | None = None, places: int = 1
    ) -> None:
        """Carry out the job that the function's signature names; `places`: how many at a time."""
        duty = read_duty(work, gave_up)
        self.speaker.check(duty.says)
        self.duties[duty.job.kind] = duty
        if duty.job.coalesce:
            self._pruning.repeatable |= {duty.job.kind}
        lanes = self.worker.lanes
        lanes[duty.job.lane] = max(places, lanes.get(duty.job.lane, 1))

    def every(self, period: timedelta, tick: Tick) -> None:
        """Call `tick(at)` in a transaction every `period`, first at start."""
        self._timers.append(Timer(period, tick, self.commit, self.clock))

    def runs(self, part: Part) -> None:
        """Start and stop something beside the queues."""
        self._parts.append(part)

    def recorded_by(self, recorder: Recorder) -> None:
        """Have spans of all it does from its start on."""
        self._recorder = self.relay.recorder = self.worker.recorder = recorder

    def at_start(self, call: Callable[[], Awaitable[None]]) -> None:
        """Called when the store is open and before anything is consumed."""
        self._on_start.append(call)

    def queues(self) -> list[Queue]:
        """The queues of this service, from its handlers' signatures."""
        return [self._queue(topic) for topic in sorted(self.reactions)]

    async def start(self) -> None:
        """Open the store, declare, begin to consume; what was left by an earlier life goes on."""
        await self.prepare()
        await self.begin()

    async def prepare(self) -> None:
        """Open the store and declare the queues, so that nothing said by others is missed.

        Where one instance is active, this waits until it is this one.
        """
        await self._activity.begin(f"{self.name}:{self.instance}")
        await self.store.open((MIGRATIONS, *self._migrations))
        await self.driver.connect(self.name)
        for queue in self.queues():
            await self.driver.declare(queue)

    async def begin(self) -> None:
        """Consume, carry out jobs, tick."""
        with whose(self.name, self.instance):
            await self._begin()

    async def _begin(self) -> None:
        for call in self._on_start:
            await call()
        self.worker.committed = self._said
        for topic in sorted(self.reactions):
            await self._consume(self._queue(topic), self.reactions[topic])
        await self.relay.start()
        await self.worker.start()
        for part in self._parts:
            await part.start()
        for timer in self._timers:
            timer.start()
        self._works = True
        log.info("service_started", service=self.name, instance=self.instance,
                 bus=self.driver.name, queues=len(self._consuming))  # fmt: skip

    async def stop(self, grace_s: float = 0.0) -> None:
        """Take nothing new, finish what is in hand, close. Jobs get `grace_s`, then are resumed
        at the next start."""
        self._works = False
        for timer in self._timers:
            await timer.stop()
        for part in reversed(self._parts):
            await part.stop()
        await self._stop_consuming()
        await self.worker.stop(grace_s)
        await self.relay.stop()
        await self.driver.close()
        await self.store.close()
        await self._activity.leave()
        log.info("service_stopped", service=self.name, instance=self.instance)

    async def broken(self) -> None:
        """Return after `stop`, or raise what a part of the service ended with: a mistake in the program.

        For whoever serves: a process whose consumer has ended must not look alive.
        """
        while loops := self._loops():
            self._check()
            alive = [loop for loop in loops if not loop.done()]
            if not alive:
                return
            await asyncio.wait(alive, return_when=asyncio.FIRST_COMPLETED)

    async def idle(self, *, beyond_s: float | None = None) -> bool:
        """No handler running, no job open, no unsent outbox row, no timer due.

        A row that is kept for a listener who may come is no reason to wait for one.

        `beyond_s`: a job that is tried again only after so many seconds does not count.
        Raises what a part of the service ended with, if one did: then it is not idle but broken.
        """
        self._check()
        if any(each.busy for each in self.deliveries) or any(t.due() for t in self._timers):
            return False
        return await self.worker.idle(beyond_s=beyond_s) and await self.relay.idle()

    async def unready(self) -> str:
        """Why it does not do its work now, in one line; empty: it is started, its store takes what it
        commits, it is connected and consumes."""
        if self.waits_for:
            return STANDS_BY.format(service=self.name, active=self.waits_for)
        if self.store.trouble:
            return NO_STORE.format(service=self.name, why=self.store.trouble)
        why = await self.driver.trouble() or ("" if self._works else STARTING)
        why = why or next((why for doubt in self.doubts if (why := doubt())), "")
        return why and f"{self.name}: {why}"

    def wake(self) -> None:
        """Something was committed: look at the outbox and the jobs."""
        self.relay.wake()
        self.worker.wake()

    async def commit(self, name: str, tick: Tick) -> None:
        """Run `tick` in a transaction of its own and send what it says: for timers and parts."""

        def work(session: Session) -> Sealed:
            at = ticked(session, self.clock.now(), f"{self.name}:{self.instance}:{name}")
            return self.speaker.commit(tick(at), at)

        await commit_and_tell(self.store, work, self._said)

    def _said(self, said: Sequence[Sealed] | None) -> None:
        """It is committed: send it, and begin with the jobs."""
        if said is None:
            return self.wake()
        if envelopes := [envelope for each in said for envelope in each.envelopes]:
            self.relay.offer(envelopes)
        if any(each.jobs for each in said):
            self.worker.wake()

    async def _consume(self, queue: Queue, reactions: list[Reaction]) -> None:
        delivering = Delivering(
            queue, reactions, speaker=self.speaker, store=self.store, clock=self.clock,
            driver=self.driver,
        )  # fmt: skip
        delivering.also_heard = self.reactions.keys()
        delivering.committed, delivering.recorder = self._said, self._recorder
        delivering.clocks = self.clocks
        self.deliveries.append(delivering)
        inlet = await self.driver.open(queue)
        working = asyncio.create_task(delivering.run(inlet), name=queue.name)
        self._consuming.append((delivering, inlet, working))

    async def _stop_consuming(self) -> None:
        """What had come is worked off, so that no delivery is given back without need."""
        for delivering, _, _ in self._consuming:
            delivering.stop()
        await asyncio.gather(*(inlet.cease() for _, inlet, _ in self._consuming))
        if tasks := [task for _, _, task in self._consuming]:
            await asyncio.wait(tasks, timeout=STOP_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for _, inlet, _ in self._consuming:
            await inlet.close()
        self._consuming.clear()

    def _loops(self) -> list[asyncio.Task[None]]:
        """What must not end before `stop`."""
        loops = [task for _, _, task in self._consuming] + self._activity.tasks()
        loops += self.relay.tasks() + self.worker.tasks()
        return loops + [task for timer in self._timers for task in timer.tasks()]

    def _check(self) -> None:
        for loop in self._loops():
            if loop.done() and not loop.cancelled():
                loop.result()

    def _queue(self, topic: str) -> Queue:
        if topic in self._instance_topics:
            return Queue(f"{self.name}.{self.instance}.{topic}", (topic,), instance=True)
        return Queue(f"{self.name}.{topic}", (topic,), prefetch=LARGE.get(topic, PREFETCH))

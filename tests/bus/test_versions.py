"""A `v2` beside its `v1`, while old and new instances of one service share the work: one effect each."""

from collections import Counter
from contextlib import AsyncExitStack
from typing import ClassVar

import pytest
from sqlalchemy.orm import Session

from shared.bus import Service
from shared.bus.party import party_of
from shared.jobs.commit import Speaker
from shared.messages import Envelope, Message
from shared.messages.gate import FleetResumed, FleetStopped
from shared.store import Handling, outbox
from tests.bus.rabbit import Rabbit
from tests.bus.versions import FleetStoppedAlone, FleetStoppedV2
from tests.bus.worlds import REPO, STOPPED, World, running, sealed, stopped, until

V2 = FleetStoppedV2.topic
COUNT = 60


class Effects:
    """What the instances of a service did; each has a store of its own, and shares only the queues."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.in_version_2: set[str] = set()

    def old(self, service: Service) -> Service:
        """An instance that was written when there was one version."""

        def note(message: FleetStopped, at: Handling) -> None:
            self.done[message.why] += 1

        service.hears(note)
        return service

    def both(self, service: Service) -> Service:
        """One that knows both."""

        def note(message: FleetStopped | FleetStoppedV2, at: Handling) -> None:
            if isinstance(message, FleetStoppedV2):
                self.in_version_2.add(message.reason)
                message = message.earlier()
            self.done[message.why] += 1

        service.hears(note)
        return service

    def newest(self, service: Service) -> Service:
        """One that has forgotten the first version."""

        def note(message: FleetStoppedV2, at: Handling) -> None:
            self.in_version_2.add(message.reason)
            self.done[message.earlier().why] += 1

        service.hears(note)
        return service


def numbers(start: int, count: int = COUNT) -> list[str]:
    """Names of facts."""
    return [str(number) for number in range(start, start + count)]


def in_both(names: list[str]) -> list[Message]:
    """What a new sender says."""
    return [FleetStoppedV2(repo=REPO, by="you", reason=name) for name in names]


def once(names: list[str]) -> Counter[str]:
    """Each fact with one effect."""
    return Counter(f"you: {name}" for name in names)


async def test_an_old_and_a_new_instance_share_what_a_new_sender_says(world: World) -> None:
    effects = Effects()
    old = effects.old(world.service("scheduler", "1"))
    new = effects.both(world.service("scheduler", "2"))
    other = Effects()
    stranger = other.newest(world.service("console"))
    gate = world.service("gatekeeper")
    async with running(gate, old, new, stranger):
        names = numbers(0)
        await world.tell(gate, *in_both(names))
        await world.settle(gate, old, new, stranger)
        # in memory whoever comes first may take them all in one batch
        assert world.parked is None or all(each.deliveries[0].counts.handled for each in (old, new))
        assert effects.done == once(names)
        assert effects.in_version_2 == set()
        assert other.done == once(names)
        assert other.in_version_2 == set(names)
        assert await world.dead(old, new, stranger) == []
        assert await gate.store.run(outbox.depth) == 0


async def test_a_rolling_upgrade_does_everything_once(world: World) -> None:
    """Consumers first, one by one, while senders of both kinds go on; then the second version alone."""
    effects = Effects()
    sender, newer = world.service("gatekeeper", "1"), world.service("gatekeeper", "2")
    old = [effects.old(world.service("scheduler", each)) for each in ("1", "2")]
    new = [
        effects.both(world.service("scheduler", each, store=f"scheduler-{each}"))
        for each in ("1", "2")
    ]
    async with running(sender, newer), AsyncExitStack() as at_the_end:
        shifts = [await shift(each, at_the_end) for each in old]
        await world.tell(sender, *(stopped(f"you: {name}") for name in numbers(0)))
        for place, each in enumerate(new):
            await world.tell(newer, *in_both(numbers(100 * place + 100)))
            await shifts[place].aclose()  # with work under way
            await shift(each, at_the_end)
        await world.tell(sender, *(stopped(f"you: {name}") for name in numbers(300)))
        await world.settle(sender, newer, *new)
        alone = [FleetStoppedAlone(repo=REPO, by="you", reason=name) for name in numbers(400)]
        await world.tell(newer, *alone)
        await until(lambda: len(effects.in_version_2) == COUNT)
        await world.settle(sender, newer, *new)
        assert effects.in_version_2 == set(numbers(400))
        assert effects.done == sum((once(numbers(100 * each)) for each in range(5)), Counter())
        assert await world.dead(*new) == []


async def test_a_version_in_the_wrong_queue_is_parked_and_never_guessed(
    amqp: World, rabbit: Rabbit
) -> None:
    """Nothing brings it there by itself; an old instance names it, and its other work goes on."""
    effects = Effects()
    old = effects.old(amqp.service("scheduler"))
    astray = in_both(["1"])[0]
    async with running(old):
        await rabbit.inject(sealed(astray), key=STOPPED)
        await rabbit.inject(sealed(stopped("you: 2")))
        await until(lambda: old.deliveries[0].counts.received == 2)
        await amqp.settle(old)
        assert effects.done == once(["2"])
        [letter] = await amqp.dead(old)
        assert letter.reason == f"{V2} does not belong into scheduler.{STOPPED}"


async def test_both_are_one_story_and_repeat_their_ids(world: World) -> None:
    gate = world.service("gatekeeper")
    heard = sealed(stopped("x"))
    async with running(gate):

        def seal(session: Session) -> list[Envelope]:
            at = Handling(session, heard.at, heard.id, heard.correlation)
            speaker = Speaker("gatekeeper", frozenset({"gate"}), "1")
            return speaker.seal(in_both(["1"]), at).envelopes

        first, second = await gate.store.run(seal)
        assert [first, second] == await gate.store.run(seal)
    assert (first.topic, first.beside) == (STOPPED, "")
    assert (second.topic, second.beside) == (V2, STOPPED)
    assert first.id != second.id
    assert (first.correlation, first.causation) == (second.correlation, second.causation)
    assert second.causation == heard.id


def test_documents_tell_that_the_earlier_one_is_said_too(world: World) -> None:
    def warn(message: FleetResumed, at: Handling) -> list[FleetStoppedV2]:
        return []

    gate = world.service("gatekeeper")
    gate.hears(warn)
    expected: set[type[Message]] = {FleetStopped, FleetStoppedV2}
    assert party_of(gate).says == expected


def test_only_the_version_before_is_said_beside() -> None:
    with pytest.raises(TypeError, match="not the version before"):

        class _Other(Message):
            topic: ClassVar[str] = "gate.fleet.resumed.v2"
            beside: ClassVar[type[Message] | None] = FleetStopped

    with pytest.raises(TypeError, match="two versions live at a time"):

        class _Third(Message):
            topic: ClassVar[str] = "gate.fleet.stopped.v3"
            beside: ClassVar[type[Message] | None] = FleetStoppedV2


async def shift(service: Service, at_the_end: AsyncExitStack) -> AsyncExitStack:
    """Start a service; closing what is returned stops it, at the latest with `at_the_end`."""
    own = await at_the_end.enter_async_context(AsyncExitStack())
    await own.enter_async_context(running(service))
    return own

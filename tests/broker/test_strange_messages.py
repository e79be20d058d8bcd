"""What other people's clients put onto the bus: copies, too large ones, and poison among good ones."""

import random

import pytest

from shared.bus.delivery import ATTEMPTS
from shared.messages.gate import FleetStopped
from shared.store import Handling
from shared.store.outbox import LARGEST_BODY
from tests.bus.rabbit import Rabbit
from tests.bus.worlds import World, running, sealed, stopped, until

pytestmark = pytest.mark.timeout(240)

COPIES = 50
MIB = 1024 * 1024


@pytest.fixture
def at_hand(amqp_vhost: str) -> Rabbit:
    """The vhost of `amqp`, from the outside."""
    return Rabbit(amqp_vhost)


async def test_i32_fifty_copies_at_once_for_two_instances_on_one_store_have_one_effect(
    amqp: World, at_hand: Rabbit
) -> None:
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message.why)

    pair = [amqp.service("scheduler", each, store="scheduler") for each in "12"]
    for one in pair:
        one.hears(note)
    copy = sealed(stopped("once"))
    async with running(*pair):
        await at_hand.inject_copies(copy, COPIES)
        await until(lambda: sum(one.deliveries[0].counts.received for one in pair) == COPIES)
        await amqp.settle(*pair)
        counts = [one.deliveries[0].counts for one in pair]
        assert heard == ["once"]
        assert sum(each.handled for each in counts) == 1
        assert sum(each.repeated for each in counts) == COPIES - 1
        assert await at_hand.parked() == []


async def test_a_body_of_ten_mebibytes_is_parked_and_the_others_flow(
    amqp: World, at_hand: Rabbit
) -> None:
    """Over what any of ours may say. It is parked with its reason, and holds nobody up."""
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message.why)

    work = amqp.service("scheduler")
    work.hears(note)
    large = sealed(stopped("x" * (10 * MIB)))
    assert len(large.body) > LARGEST_BODY
    async with running(work):
        for number in range(3):
            await at_hand.inject(sealed(stopped(f"before {number}")))
        await at_hand.inject(large)
        for number in range(3):
            await at_hand.inject(sealed(stopped(f"after {number}")))
        await until(lambda: work.deliveries[0].counts.received == 7)
        await amqp.settle(work)
        dead = await at_hand.parked()
    assert sorted(heard) == [f"{when} {n}" for when in ("after", "before") for n in range(3)]
    assert [each.id for each in dead] == [large.id]
    assert "over the limit" in dead[0].reason


async def test_i39_poison_ahead_of_and_among_good_ones_in_any_order_holds_nobody_up(
    amqp: World, at_hand: Rabbit
) -> None:
    heard: set[str] = set()

    def note(message: FleetStopped, at: Handling) -> None:
        if message.why.startswith("poison"):
            raise ValueError("it does not go down")
        heard.add(message.why)

    work = amqp.service("scheduler")
    work.hears(note)
    good = [sealed(stopped(f"good {n}")) for n in range(40)]
    poison = [sealed(stopped(f"poison {n}")) for n in range(8)]
    rest = [*good, *poison[4:]]
    random.Random(4).shuffle(rest)
    mixed = [*poison[:4], *rest]
    async with running(work):
        for each in mixed:
            await at_hand.inject(each, attempt=ATTEMPTS if each in poison else None)
        await until(lambda: work.deliveries[0].counts.received == len(mixed))
        await amqp.settle(work)
        dead = await at_hand.parked()
    assert heard == {f"good {n}" for n in range(40)}
    assert {each.id for each in dead} == {each.id for each in poison}
    assert work.deliveries[0].counts.handled == 40

"""Dead letters on RabbitMQ: looked at without loss, sent back as who said them, or dropped."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import aio_pika
import pytest

from shared.bus import amqp_names as names
from shared.bus.amqp import AmqpDriver
from shared.bus.amqp_parking import RENEW_AT, parked
from shared.bus.amqp_visitor import visitor
from shared.bus.letter import Letter
from shared.clock import SystemClock
from shared.errors import Refused
from shared.messages import wire
from shared.messages.gate import FleetStopped
from shared.store import Handling
from tests.bus.identities import SECRET, make_users
from tests.bus.rabbit import Rabbit, ctl
from tests.bus.worlds import STOPPED, World, running, sealed, stopped, until

CLOCK = SystemClock()
USERS = pytest.mark.timeout(300)
"""Where users are made: each call of `rabbitmqctl` takes seconds on a machine that is shared."""
QUEUE = f"scheduler.{STOPPED}"


async def look(url: str) -> list[Letter]:
    """Every letter, as a list shows them."""
    async with visitor(url, CLOCK, purpose="test") as here, parked(here) as parking:
        return [each async for each in parking.letters()]


async def bury(rabbit: Rabbit, *whys: str) -> list[str]:
    """Letters as a consumer parks them; their ids."""
    driver = AmqpDriver(rabbit.url, CLOCK, shared_identity=True)
    await driver.connect("scheduler")
    made = [sealed(stopped(why)) for why in whys]
    for each in made:
        await driver.park(each, QUEUE, reason=f"ValueError: {each.id}", traceback="in note")
    await driver.close()
    return [str(each.id) for each in made]


@asynccontextmanager
async def operator(vhost: str, *, may_impersonate: bool = True) -> AsyncIterator[str]:
    """A user of the test's own who may read the parking queue and write where letters go back."""
    user = f"test-operator-{uuid4().hex[:8]}"
    await ctl("add_user", user, SECRET)
    try:
        if may_impersonate:
            await ctl("set_user_tags", user, "impersonator")
        await ctl("set_permissions", "-p", vhost, user, rf"^tail\.{user}\.", r"^gatefleet\.return$",
                  r"^gatefleet\.dead$")  # fmt: skip
        yield user
    finally:
        await ctl("delete_user", user)


async def test_looking_loses_nothing_and_keeps_the_order(rabbit: Rabbit) -> None:
    ids = await bury(rabbit, "a", "b", "c", "d")
    for _ in range(3):
        found = await look(rabbit.url)
        assert [each.id for each in found] == ids
    assert [each.reason for each in found] == [f"ValueError: {each}" for each in ids]
    assert {(each.queue, each.traceback, each.topic) for each in found} == {
        (QUEUE, "in note", STOPPED)
    }


async def test_a_look_that_is_cut_in_the_middle_loses_nothing(rabbit: Rabbit) -> None:
    ids = await bury(rabbit, "a", "b", "c")
    async with visitor(rabbit.url, CLOCK, purpose="test") as here, parked(here) as parking:
        async for _ in parking.letters():
            await rabbit.cut_all()
            break
    assert [each.id for each in await look(rabbit.url)] == ids


async def test_however_often_it_is_looked_at_no_letter_wears_out(rabbit: Rabbit) -> None:
    ids = await bury(rabbit, "a", "b")
    for _ in range(RENEW_AT + 2):
        assert sorted(each.id for each in await look(rabbit.url)) == sorted(ids)
    async with await aio_pika.connect(rabbit.url) as connection:
        queue = await (await connection.channel()).get_queue(names.DEAD, ensure=False)
        message = await queue.get()
        assert int(str(message.headers["x-delivery-count"])) < RENEW_AT
        assert message.headers[names.H_QUEUE] == QUEUE
        await message.nack()


async def test_two_who_look_at_once_would_see_a_part_each_so_the_second_is_told(
    rabbit: Rabbit,
) -> None:
    await bury(rabbit, "a")
    async with visitor(rabbit.url, CLOCK, purpose="test") as here, parked(here):
        with pytest.raises(Refused, match="somebody else looks through them now"):
            await look(rabbit.url)
    assert len(await look(rabbit.url)) == 1


async def test_what_was_dropped_is_gone_and_the_others_stay_in_their_order(rabbit: Rabbit) -> None:
    ids = await bury(rabbit, "a", "b", "c", "d")
    async with visitor(rabbit.url, CLOCK, purpose="test") as here, parked(here) as parking:
        found = [each async for each in parking.letters()]
        await parking.drop(found[3])
        await parking.drop(found[1])
    assert [each.id for each in await look(rabbit.url)] == [ids[0], ids[2]]


async def test_without_a_parking_queue_it_is_one_line(rabbit: Rabbit) -> None:
    with pytest.raises(Refused, match="no fleet has run on this vhost"):
        await look(rabbit.url)


async def test_what_is_replayed_is_handled_as_if_it_came_for_the_first_time(
    amqp: World, rabbit: Rabbit
) -> None:
    attempts: list[str] = []
    mended: list[bool] = []

    def note(message: FleetStopped, at: Handling) -> None:
        attempts.append(str(at.id))
        if not mended:
            raise Refused("octo/hello: not yet")

    work = amqp.service("scheduler")
    work.hears(note)
    letter = sealed(stopped("x"))
    async with running(work):
        await rabbit.inject(letter)
        await until(lambda: work.deliveries[0].counts.dead == 1)
        await amqp.settle(work)
        mended.append(True)
        async with visitor(rabbit.url, CLOCK, purpose="test") as here, parked(here) as parking:
            async for each in parking.letters():
                await parking.replay(each)
        await until(lambda: work.deliveries[0].counts.handled == 1)
        await amqp.settle(work)
        assert work.deliveries[0].counts.retried == 0
    assert attempts == [str(letter.id)] * 2
    assert await look(rabbit.url) == []


async def test_a_letter_whose_queue_is_gone_stays(rabbit: Rabbit) -> None:
    ids = await bury(rabbit, "a")
    async with visitor(rabbit.url, CLOCK, purpose="test") as here, parked(here) as parking:
        async for each in parking.letters():
            with pytest.raises(Refused, match=f"the queue {QUEUE} is gone"):
                await parking.replay(each)
    assert [each.id for each in await look(rabbit.url)] == ids


async def test_what_the_broker_parked_itself_is_shown_with_its_reason(
    amqp: World, rabbit: Rabbit
) -> None:
    work = amqp.service("scheduler")

    def note(message: FleetStopped, at: Handling) -> None: ...

    work.hears(note)
    async with running(work):
        for name in ("not-a-uuid", "nor this"):
            await rabbit.publish_raw(STOPPED, b"{}", message_id=name)
        while len(found := await look(rabbit.url)) < 2:
            pass
    assert {(each.queue, each.topic, each.body) for each in found} == {(QUEUE, STOPPED, b"{}")}
    assert {each.reason.partition(":")[0] for each in found} == {"the broker parked it"}
    assert len({each.id for each in found}) == 2
    assert found[0].died_at is not None


@USERS
async def test_i37_replayed_is_who_said_it_and_only_an_impersonator_may(
    rabbit: Rabbit, amqp: World
) -> None:
    """With users of their own: the scheduler parked what the gatekeeper had said."""
    make_users(rabbit.vhost)

    def url(user: str) -> str:
        return rabbit.url.replace("guest:guest", f"{user}:{SECRET}")

    heard: list[str] = []
    amqp.make_driver = lambda name: AmqpDriver(url(name), CLOCK)
    mended: list[bool] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(at.sender)
        if not mended:
            raise Refused("octo/hello: not yet")

    gate, work = amqp.service("gatekeeper"), amqp.service("scheduler")
    work.hears(note)
    async with running(gate, work):
        await amqp.say(gate, "x")
        await until(lambda: work.deliveries[0].counts.dead == 1)
        await amqp.settle(gate, work)
        mended.append(True)
        async with operator(rabbit.vhost, may_impersonate=False) as nobody:
            with pytest.raises(Refused, match=f"rabbitmqctl set_user_tags {nobody} impersonator"):
                await replay_all(url(nobody))
        async with operator(rabbit.vhost) as somebody:
            await replay_all(url(somebody))
        await until(lambda: work.deliveries[0].counts.handled == 1)
        await amqp.settle(gate, work)
    assert heard == ["gatekeeper", "gatekeeper"]


@USERS
async def test_i36_no_header_makes_a_letter_somebody_elses(rabbit: Rabbit, amqp: World) -> None:
    """An agent's message, forged to look as if the scheduler had passed on the gatekeeper's word, is
    replayed as the agent's, and is refused once more."""
    make_users(rabbit.vhost)
    agent = rabbit.url.replace("guest:guest", f"dev-agent:{SECRET}")
    async with running(amqp.service("gatekeeper")), await aio_pika.connect(agent) as connection:
        channel = await connection.channel(publisher_confirms=True)
        dead = await channel.get_exchange(names.DEAD, ensure=False)
        await dead.publish(aio_pika.Message(
            stopped("forged").model_dump_json().encode(), message_id=str(uuid4()), type=STOPPED,
            user_id="dev-agent",
            headers={names.H_QUEUE: QUEUE, wire.H_SENDER: "gatekeeper", names.H_ATTEMPT: 1},
        ), STOPPED)  # fmt: skip
    assert [(each.queue, each.sender) for each in await look(rabbit.url)] == [(QUEUE, "dev-agent")]


async def replay_all(url: str) -> None:
    """Every letter, until one cannot be."""
    async with visitor(url, CLOCK, purpose="test") as here, parked(here) as parking:
        async for each in parking.letters():
            await parking.replay(each)

"""A client that is no service: it declares nothing shared, hears in batches, and misses no outage."""

import asyncio
from uuid import uuid4

import pytest

from shared.bus import amqp_names as names
from shared.bus.amqp_feed import Feed
from shared.bus.amqp_visitor import broker, visitor
from shared.clock import SystemClock
from shared.errors import BadInput, Refused, TryLater
from shared.messages import Envelope
from shared.messages.custom import CustomEvent, topic_of
from shared.messages.work import EventAnswered
from shared.store import Handling
from tests.bus.identities import CUSTOM, url_of
from tests.bus.rabbit import Rabbit, ctl
from tests.bus.worlds import REPO, STOPPED, World, running, sealed, stopped

CLOCK = SystemClock()
USERS = pytest.mark.timeout(300)
"""Where users are made: each call of `rabbitmqctl` takes seconds on a machine that is shared."""


def event(name: str = "sentry.alert") -> Envelope:
    made = CustomEvent(repo=REPO, name=name)
    return sealed(made, sender="somebody", topic=topic_of(made))


async def gather(feed: Feed, count: int) -> list[str]:
    """The ids of so many messages, taken in as many batches as they come."""
    found: list[str] = []
    while len(found) < count:
        found += [each.id for each in await feed.take()]
    return found


@pytest.mark.parametrize("url", ["", "http://host/", "memory://", "amqp:///", "amqp://[", "x"])
def test_what_is_no_broker_is_one_line_without_a_password(url: str) -> None:
    with pytest.raises(BadInput, match="name a broker as amqp://"):
        broker(url)
    with pytest.raises(BadInput) as told:
        broker("http://user:secret@host/")
    assert "secret" not in str(told.value)


async def test_a_broker_that_is_not_there_is_one_line() -> None:
    with pytest.raises(TryLater, match=r"^broker 127\.0\.0\.1:1: does not answer"):
        async with visitor("amqp://127.0.0.1:1/", CLOCK, purpose="test"):
            pass


async def test_who_is_not_let_in_is_told_so(rabbit: Rabbit) -> None:
    url = rabbit.url.replace("guest:guest", "guest:wrong")
    with pytest.raises(BadInput, match="does not let guest in"):
        async with visitor(url, CLOCK, purpose="test"):
            pass


async def test_without_a_fleet_on_the_vhost_nothing_is_declared(rabbit: Rabbit) -> None:
    async with visitor(rabbit.url, CLOCK, purpose="test") as here:
        with pytest.raises(Refused, match="nobody has declared the exchange gatefleet"):
            await here.publish(event())
        with pytest.raises(Refused, match="nobody has declared the exchange gatefleet"):
            async with here.feed(("#",)):
                pass
    names_there = await ctl("list_exchanges", "-p", rabbit.vhost, "name")
    assert names.EXCHANGE not in names_there.split()


async def test_a_feed_hears_what_is_said_after_it_began_in_order_and_leaves_nothing(
    amqp: World, rabbit: Rabbit
) -> None:
    said = [sealed(stopped(f"{n}")) for n in range(300)]
    async with (
        running(amqp.service("gatekeeper")),
        visitor(rabbit.url, CLOCK, purpose="test") as here,
    ):
        async with here.feed(("gate.#",)) as feed:
            for each in said:
                assert await here.publish(each)
            assert await gather(feed, len(said)) == [str(each.id) for each in said]
        assert "tail." not in await ctl("list_queues", "-p", rabbit.vhost, "name")


async def test_a_feed_outlives_a_lost_connection_and_gives_nothing_twice(
    amqp: World, rabbit: Rabbit
) -> None:
    told: list[str] = []
    first, second = sealed(stopped("first")), sealed(stopped("second"))
    async with (
        running(amqp.service("gatekeeper")),
        visitor(rabbit.url, CLOCK, purpose="test") as here,
        here.feed(("gate.#",), tell=told.append) as feed,
    ):
        await rabbit.inject(first)
        assert [each.id for each in await feed.take()] == [str(first.id)]
        await rabbit.cut_all()  # before `first` was acknowledged: it is delivered again
        await rabbit.inject(second)
        assert [each.id for each in await feed.take()] == [str(second.id)]
    assert told[-1].startswith("the broker is back")


async def test_a_feed_whose_queue_is_deleted_makes_it_anew(amqp: World, rabbit: Rabbit) -> None:
    told: list[str] = []
    async with (
        running(amqp.service("gatekeeper")),
        visitor(rabbit.url, CLOCK, purpose="test") as here,
        here.feed(("gate.#",), tell=told.append) as feed,
    ):
        listed = await ctl("list_queues", "-p", rabbit.vhost, "name")
        await rabbit.delete_queue(next(each for each in listed.split() if each.startswith("tail.")))
        taking = asyncio.ensure_future(feed.take())
        while not told:
            await asyncio.sleep(0.01)
        again = sealed(stopped("again"))
        await rabbit.inject(again)
        assert [each.id for each in await taking] == [str(again.id)]


async def test_what_is_no_message_of_ours_is_heard_as_it_is(amqp: World, rabbit: Rabbit) -> None:
    async with (
        running(amqp.service("gatekeeper")),
        visitor(rabbit.url, CLOCK, purpose="test") as here,
        here.feed(("#",)) as feed,
    ):
        await rabbit.publish_raw("what.ever", b"\xff\x00", message_id=None)
        each = (await feed.take())[0]
    assert (each.topic, each.body, each.proven) == ("what.ever", b"\xff\x00", False)


@USERS
async def test_i36_a_user_for_events_needs_no_right_to_declare_and_gets_no_other(
    identified: World, rabbit: Rabbit
) -> None:
    heard: list[str] = []

    def answer(message: CustomEvent, at: Handling) -> list[EventAnswered]:
        heard.append(message.name)
        return [EventAnswered(repo=REPO, event=at.id, name=message.name, answer="heard")]

    listener = identified.service("scheduler")
    listener.hears(answer)
    url = url_of(rabbit.url, CUSTOM)
    async with running(listener), visitor(url, CLOCK, purpose="test") as here:
        async with here.feed((EventAnswered.topic,)) as feed:
            assert await here.publish(event())
            each = (await feed.take())[0]
            assert (each.topic, each.sender) == (EventAnswered.topic, "scheduler")
            assert each.proven
        with pytest.raises(Refused, match="may not be made or bound"):
            async with here.feed(("custom.#",)):
                pass
        with pytest.raises(Refused, match=f"the broker refuses it for {CUSTOM}"):
            await here.publish(sealed(stopped("forged")))
        assert await here.publish(event())  # a refused one takes nobody else with it
        await identified.settle(listener)
    assert heard == ["sentry.alert"] * 2


async def test_what_nobody_is_bound_to_is_not_confirmed(amqp: World, rabbit: Rabbit) -> None:
    async with (
        running(amqp.service("gatekeeper")),
        visitor(rabbit.url, CLOCK, purpose="test") as here,
    ):
        assert not await here.publish(event(f"nobody{uuid4().hex[:6]}"))
        assert not await here.publish(sealed(stopped("x"), topic=STOPPED))

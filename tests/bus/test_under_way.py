"""What is being published on one channel: each is told what became of it, and nobody waits for ever."""

import asyncio
from typing import cast

import pytest
from aio_pika.exceptions import DeliveryError, PublishError
from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel
from aiormq.exceptions import ChannelAccessRefused, ChannelNotFoundEntity
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from shared.bus.amqp_under_way import Confirmation, UnderWay
from shared.bus.amqp_writing import Confirmed, Saying, Writing
from shared.errors import TryLater

A_LONG_TIME_S = 3600.0


class Open:
    """As much of a channel as is asked for."""

    is_closed = False


RETURNED = DeliveredMessage(Basic.Return(), ContentHeader(), b"x", cast(Channel, Open()))


class Written:
    """Keeps what was handed over."""

    def __init__(self) -> None:
        self.kept: list[tuple[Saying, Confirmed]] = []
        self.forgotten: list[Saying] = []

    def publish(self, said: Saying, confirmed: Confirmed) -> None:
        """As the writing does."""
        self.kept.append((said, confirmed))

    def forget(self, said: Saying) -> None:
        """As the writing does."""
        self.forgotten.append(said)


def channel(*, within_s: float = A_LONG_TIME_S) -> tuple[UnderWay, Written]:
    """An open one, and what was written on it."""
    written = Written()
    here = UnderWay(cast(Channel, Open()), cast(Writing, written), within_s=within_s)
    return here, written


def saying(name: str) -> Saying:
    """A message."""
    return Saying("gatefleet", "gate.fleet.stopped.v1", Basic.Properties(message_id=name), b"x")


def some(here: UnderWay, count: int) -> list[asyncio.Future[bool]]:
    """So many begun."""
    return [here.begin(saying(str(n)), Confirmation.be_refused) for n in range(count)]


async def test_each_is_told_what_became_of_it() -> None:
    here, written = channel()
    said = some(here, 3)
    (_, taken), (_, back), (_, not_taken) = written.kept
    taken.set_result(Basic.Ack(1))
    back.set_exception(PublishError(RETURNED, Basic.Return()))
    not_taken.set_exception(DeliveryError(None, Basic.Nack(3)))
    assert (await said[0], await said[1]) == (True, False)
    with pytest.raises(TryLater, match="not confirmed"):
        await said[2]
    assert written.forgotten == [each for each, _ in written.kept]


async def test_who_waits_too_long_is_told_so_and_the_answer_that_comes_then_is_nobodys() -> None:
    here, written = channel(within_s=0.0)
    said = some(here, 3)
    for each in said:
        with pytest.raises(TryLater, match="no answer in time"):
            await each
    for _, confirmed in written.kept:
        confirmed.set_result(Basic.Ack(1))
    assert len(written.forgotten) >= 3


async def test_a_broker_that_reads_nothing_is_given_the_time_again() -> None:
    here, written = channel(within_s=0.0)
    here.wait(blocked=True)
    said = some(here, 2)
    for _ in range(20):
        await asyncio.sleep(0)
    assert [each.done() for each in said] == [False, False]
    written.kept[0][1].set_result(Basic.Ack(1))
    here.wait(blocked=False)
    assert await said[0] is True
    with pytest.raises(TryLater, match="no answer in time"):
        await said[1]


@pytest.mark.parametrize(
    "why", [ChannelNotFoundEntity("no exchange"), ConnectionError("gone"), None]
)
async def test_a_closed_channel_leaves_nobody_waiting(why: BaseException | None) -> None:
    here, _ = channel()
    before = some(here, 2)
    here.closed(None, why)
    for each in (*before, *some(here, 1)):
        with pytest.raises(TryLater, match="not confirmed"):
            await each
    assert not here.is_open


async def test_a_refusal_is_for_whoever_asked_for_it() -> None:
    here, _ = channel()
    asked: list[str] = []
    here.begin(saying("a"), lambda it: asked.append(str(it.said.properties.message_id)))
    alone = here.begin(saying("b"), Confirmation.be_refused)
    here.closed(None, ChannelAccessRefused("not your word"))
    assert asked == ["a"]
    with pytest.raises(ChannelAccessRefused, match="not your word"):
        await alone


@pytest.mark.parametrize("end", ["heard", "unheard", "error", "given up"])
async def test_another_try_ends_the_first(end: str) -> None:
    here, written = channel()
    first = here.begin(saying("a"), Confirmation.be_refused)
    again: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    confirmation = written.kept[0][1]
    assert isinstance(confirmation, Confirmation)
    confirmation.follow(again)
    if end == "error":
        again.set_exception(TryLater("away"))
        with pytest.raises(TryLater, match="away"):
            await first
    elif end == "given up":
        first.cancel()
        await asyncio.gather(first, again, return_exceptions=True)
        assert again.cancelled()
    else:
        again.set_result(end == "heard")
        assert await first is (end == "heard")


async def test_the_wait_for_something_ends_with_the_channel() -> None:
    here, _ = channel()
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waiting = asyncio.ensure_future(here.unless_closed(never))
    await asyncio.sleep(0)
    here.closed(None, None)
    await waiting

"""Deliveries put together from their frames: whole, in order, and nothing else is kept back."""

import asyncio
from typing import Any, cast

from aiormq.channel import Channel
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.commands import Channel as ChannelFrames
from pamqp.header import ContentHeader

from shared.bus.amqp_intake import Frame, Intake


class Plain:
    """As much of a channel as an intake asks for."""

    def __init__(self) -> None:
        self.frames: asyncio.Queue[Frame] = asyncio.Queue()


def intake() -> tuple[Intake, list[tuple[int, bytes]]]:
    """In a channel's place, and what came there: delivery tag and body."""
    came: list[tuple[int, bytes]] = []
    made = Intake(
        cast(Channel, Plain()),
        lambda message: came.append((message.delivery_tag or 0, message.body)),
    )
    return made, came


async def put(into: Intake, *frames: Any) -> None:
    """As the client does, one after the other."""
    for frame in frames:
        await into.put((1, frame))


def deliver(tag: int) -> Basic.Deliver:
    """The first frame of a delivery."""
    return Basic.Deliver("ctag", tag, False, "gatefleet", "gate.fleet.stopped.v1")


async def test_a_body_in_many_frames_is_one_message() -> None:
    into, came = intake()
    parts = [bytes([65 + n]) * 1000 for n in range(5)]
    await put(into, deliver(1), ContentHeader(body_size=5000))
    assert came == []
    await put(into, *map(ContentBody, parts))
    assert came == [(1, b"".join(parts))]


async def test_a_message_without_a_body_is_whole_with_its_header() -> None:
    into, came = intake()
    await put(into, deliver(1), ContentHeader(body_size=0), deliver(2), ContentHeader(body_size=1))
    await put(into, ContentBody(b"x"))
    assert came == [(1, b""), (2, b"x")]


async def test_answers_pass_between_deliveries_and_are_no_part_of_them() -> None:
    into, came = intake()
    whole = (ContentHeader(body_size=1), ContentBody(b"x"))
    cancelled, ack = Basic.CancelOk("ctag"), Basic.Ack(7)
    await put(into, deliver(1), *whole, cancelled, deliver(2), *whole, ack)
    assert came == [(1, b"x"), (2, b"x")]
    assert [(await into.get())[1], (await into.get())[1]] == [cancelled, ack]


async def test_what_comes_back_with_a_body_is_not_taken_for_a_delivery() -> None:
    into, came = intake()
    returned = (Basic.Return(312, "NO_ROUTE"), ContentHeader(body_size=1), ContentBody(b"r"))
    await put(into, *returned)
    assert came == []
    assert [(await into.get())[1] for _ in returned] == list(returned)


async def test_a_channel_closed_in_the_middle_leaves_no_half_message() -> None:
    into, came = intake()
    closed = ChannelFrames.Close(404, "NOT_FOUND")
    await put(into, deliver(1), ContentHeader(body_size=9), ContentBody(b"half"), closed)
    assert came == []
    assert (await into.get())[1] is closed

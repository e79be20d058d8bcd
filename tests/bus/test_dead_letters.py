"""What cannot be handled is parked with its reason, and the rest flows (I-39, I-41, I-42)."""

import json
from datetime import timedelta
from uuid import uuid4

from shared.bus.delivery import ATTEMPTS
from shared.clock import FakeClock
from shared.errors import Refused, TryLater
from shared.messages import Envelope
from shared.messages.custom import CustomEvent
from shared.messages.gate import FleetStopped
from shared.store import Handling
from tests.bus.rabbit import Rabbit
from tests.bus.worlds import REPO, STOPPED, World, running, sealed, stopped, until

BODY = {"repo": REPO.model_dump(), "why": "no"}


def _body(**fields: object) -> bytes:
    return json.dumps(BODY | fields).encode()


FORGED = [
    (sealed(stopped("x"), body=b"\xff\xfe not JSON"), "not a message of this version"),
    (sealed(stopped("x"), body=b""), "not a message of this version"),
    (sealed(stopped("x"), body=_body(extra=1)), "extra: Extra inputs are not permitted"),
    (sealed(stopped("x"), body=_body(why=7)), "why: Input should be a valid string"),
    (sealed(stopped("x"), body=b'{"why": "no"}'), "repo: Field required"),
    (sealed(stopped("x"), sender="dev-agent"), "dev-agent may not say"),
    (sealed(stopped("x"), sender="scheduler"), "scheduler may not say"),
    (sealed(stopped("x"), sender="nobody-knows"), "nobody-knows may not say"),
    (sealed(stopped("x"), sender=""), "nobody may not say"),
]


async def test_i39_i41_what_is_not_a_message_is_parked_and_later_ones_flow(world: World) -> None:
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message.why)

    work = world.service("scheduler")
    work.hears(note)
    good = [sealed(stopped(f"good {n}")) for n in range(len(FORGED))]
    async with running(work):
        for (bad, _), fine in zip(FORGED, good, strict=True):
            await world.inject(bad)
            await world.inject(fine)
        await until(lambda: work.deliveries[0].counts.received == 2 * len(FORGED))
        await world.settle(work)
        dead = {each.id: each for each in await world.dead(work)}
        assert sorted(heard) == sorted(f"good {n}" for n in range(len(FORGED)))
        assert set(dead) == {bad.id for bad, _ in FORGED}
        for bad, reason in FORGED:
            assert reason in dead[bad.id].reason
            assert dead[bad.id].queue == f"scheduler.{STOPPED}"


async def test_i39_an_unknown_version_is_parked(world: World) -> None:
    heard: list[str] = []

    def note(event: CustomEvent, at: Handling) -> None:
        heard.append(event.name)

    event = CustomEvent(repo=REPO, name="sentry.alert")
    work = world.service("scheduler")
    work.hears(note)
    async with running(work):
        await world.inject(sealed(event, sender="sentry", topic="custom.sentry.alert.v2"))
        await world.inject(sealed(event, sender="sentry", topic="custom.sentry.alert.v1"))
        await until(lambda: work.deliveries[0].counts.received == 2)
        await world.settle(work)
        dead = await world.dead(work)
        assert heard == ["sentry.alert"]
        assert ["nobody knows this topic" in each.reason for each in dead] == [True]


async def test_i39_poison_in_the_middle_of_a_batch_is_parked_with_its_traceback(
    memory: World,
) -> None:
    heard: set[str] = set()
    tried: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        if message.why == "poison":
            tried.append(at.now.isoformat())
            raise ValueError("it does not go down")
        heard.add(message.why)

    gate, work = memory.service("gatekeeper"), memory.service("scheduler")
    work.hears(note)
    clock = memory.clock
    assert isinstance(clock, FakeClock)
    async with running(gate, work):
        await memory.say(gate, "a", "b", "poison", "c", "d")
        await memory.settle(gate, work)
        dead = await memory.dead(work)
    assert heard == {"a", "b", "c", "d"}
    assert [each.reason for each in dead] == ["ValueError: it does not go down"]
    assert "in note" in dead[0].traceback
    waits = [
        0.5,
        1,
        2,
        4,
        8,
    ]  # doubled each time; the first try is made twice, in and out of a batch
    assert len(set(tried)) == ATTEMPTS == len(waits) + 1
    assert clock.monotonic() >= sum(waits)


async def test_i39_poison_is_parked_at_the_last_attempt_on_the_broker(
    amqp: World, rabbit: Rabbit
) -> None:
    heard: set[str] = set()

    def note(message: FleetStopped, at: Handling) -> None:
        if message.why == "poison":
            raise ValueError("it does not go down")
        heard.add(message.why)

    poison = sealed(stopped("poison"))
    work = amqp.service("scheduler")
    work.hears(note)
    async with running(work):
        await rabbit.inject(sealed(stopped("before")))
        await rabbit.inject(poison, attempt=ATTEMPTS)
        await rabbit.inject(sealed(stopped("after")))
        await until(lambda: work.deliveries[0].counts.received == 3)
        await amqp.settle(work)
        dead = await amqp.dead()
    assert heard == {"before", "after"}
    assert [(each.id, each.reason) for each in dead] == [
        (poison.id, "ValueError: it does not go down")
    ]
    assert "in note" in dead[0].traceback


async def test_what_is_refused_is_never_tried_again(world: World) -> None:
    tried: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        tried.append(message.why)
        raise Refused("octo/hello: never")

    gate, work = world.service("gatekeeper"), world.service("scheduler")
    work.hears(note)
    async with running(gate, work):
        await world.say(gate, "once")
        await world.settle(gate, work)
        assert tried == ["once"]
        assert [each.reason for each in await world.dead(work)] == ["Refused: octo/hello: never"]


async def test_a_handler_can_ask_for_a_longer_wait(memory: World) -> None:
    times: list[float] = []

    def note(message: FleetStopped, at: Handling) -> None:
        times.append(memory.clock.monotonic())
        if len(times) == 1:
            raise TryLater("octo/hello: limited", after=timedelta(seconds=90))

    gate, work = memory.service("gatekeeper"), memory.service("scheduler")
    work.hears(note)
    async with running(gate, work):
        await memory.say(gate, "x")
        await memory.settle(gate, work)
    assert times[1] - times[0] >= 90


async def test_what_says_more_than_its_signature_is_parked(memory: World) -> None:
    def wrong(message: FleetStopped, at: Handling) -> list[CustomEvent]:
        return [stopped("this is not an event")]  # type: ignore[list-item]

    gate, work = memory.service("gatekeeper"), memory.service("scheduler")
    work.hears(wrong)
    async with running(gate, work):
        await memory.say(gate, "x")
        await memory.settle(gate, work)
        dead = await memory.dead(work)
    assert [each.reason for each in dead] == [
        "TypeError: said FleetStopped, but the signature names ['CustomEvent']"
    ]


async def test_a_message_in_another_ones_queue_never_reaches_the_handler(
    amqp: World, rabbit: Rabbit
) -> None:
    heard: list[object] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message)

    work = amqp.service("scheduler")
    work.hears(note)
    other = sealed(stopped("x"), topic="gate.fleet.resumed.v1")
    async with running(work):
        await rabbit.inject(other, key=STOPPED)
        await until(lambda: work.deliveries[0].counts.received == 1)
        await amqp.settle(work)
        dead = await amqp.dead()
    assert heard == []
    assert ["does not belong into" in each.reason for each in dead] == [True]


async def test_what_is_not_ours_at_all_is_parked_by_the_broker(amqp: World, rabbit: Rabbit) -> None:
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message.why)

    work = amqp.service("scheduler")
    work.hears(note)
    async with running(work):
        await rabbit.publish_raw(STOPPED, b"{}", message_id="not-a-uuid")
        await rabbit.publish_raw(STOPPED, b"{}", message_id=None)
        await rabbit.inject(sealed(stopped("good")))
        await until(lambda: heard == ["good"])
        await amqp.settle(work)
        assert await rabbit.take_parked(2) == [b"{}", b"{}"]


def test_an_envelope_hides_its_body() -> None:
    envelope = Envelope(uuid4(), STOPPED, b"secret", "gatekeeper", sealed(stopped("x")).at, "")
    assert "secret" not in repr(envelope)

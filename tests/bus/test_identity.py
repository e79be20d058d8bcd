"""I-41, I-42: on a broker with a user for each service, nobody can speak for another."""

import aio_pika
import pytest
from aio_pika.exceptions import DeliveryError
from aiormq.exceptions import ChannelAccessRefused, ChannelPreconditionFailed
from yarl import URL

from shared.bus import amqp_names as names
from shared.bus.amqp import AmqpDriver
from shared.bus.amqp_wire import to_amqp
from shared.bus.authority import WORDS, may_say
from shared.clock import SystemClock
from shared.messages import CATALOGUE, authority, wire
from shared.messages.gate import FleetResumed, FleetStopped
from shared.store import Handling, outbox
from tests.bus.identities import CUSTOM, SECRET, SERVICES, allow, make_users, topic_permissions
from tests.bus.rabbit import Rabbit
from tests.bus.worlds import REPO, STOPPED, World, running, sealed, stopped, until

FIRST_WORDS = sorted({authority(topic) for topic in CATALOGUE})


@pytest.fixture
def identified(amqp: World, rabbit: Rabbit) -> World:
    """A world on RabbitMQ where each service is itself."""
    make_users(rabbit.vhost)
    clock = SystemClock()
    amqp.make_driver = lambda service: AmqpDriver(_url(rabbit, service), clock)
    return amqp


def _url(rabbit: Rabbit, user: str) -> str:
    return str(URL(rabbit.url).with_user(user).with_password(SECRET))


async def _said(url: str, key: str, *, user: str | None, exchange: str = names.EXCHANGE,
                headers: dict[str, str | int] | None = None) -> str:  # fmt: skip
    """What the broker answers to a publish with raw credentials: `taken`, `403` or `406`."""
    envelope = sealed(stopped("forged"), topic=STOPPED if key.startswith("scheduler") else key)
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        target = await channel.get_exchange(exchange, ensure=False)
        try:
            await target.publish(to_amqp(envelope, user=user, extra=dict(headers or {})), key)
        except ChannelAccessRefused:
            return "403"
        except ChannelPreconditionFailed:
            return "406"
        except DeliveryError:
            return "taken"  # it was allowed, and nobody is bound
        return "taken"


async def test_i41_every_service_may_say_its_own_first_words_and_no_other(
    identified: World, rabbit: Rabbit
) -> None:
    driver = identified.make_driver("gatekeeper")
    await driver.connect("gatekeeper")  # so that the exchange is there
    answers, expected = {}, {}
    for service in (*SERVICES, CUSTOM):
        for word in FIRST_WORDS:
            key = f"{word}.any.thing.v1"
            answers[service, word] = await _said(_url(rabbit, service), key, user=service)
            expected[service, word] = "taken" if may_say(service, key) else "403"
    await driver.close()
    assert answers == expected
    assert (
        sum(answer == "taken" for answer in answers.values())
        == len(SERVICES) + len([words for words in WORDS.values() if words]) + 1
    )


async def test_i41_no_service_can_claim_to_be_another(identified: World, rabbit: Rabbit) -> None:
    driver = identified.make_driver("gatekeeper")
    await driver.connect("gatekeeper")
    for service in SERVICES:
        for other in SERVICES:
            if other != service:
                word = next(iter(WORDS[service]), "custom")
                answer = await _said(_url(rabbit, service), f"{word}.any.v1", user=other)
                assert answer == "406", f"{service} as {other}"
    await driver.close()


async def test_i41_no_service_can_write_into_a_queue_past_the_exchange(
    identified: World, rabbit: Rabbit
) -> None:
    driver = identified.make_driver("gatekeeper")
    await driver.connect("gatekeeper")
    queue = f"scheduler.{STOPPED}"
    answer = await _said(_url(rabbit, "dev-agent"), queue, user="dev-agent", exchange="")
    await driver.close()
    assert answer == "403"


async def test_i42_forged_messages_have_no_effect_by_any_way(
    identified: World, rabbit: Rabbit
) -> None:
    """By a retry tier or by the way back of one, with every header that ours would have."""
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(f"{message.why} from {at.sender}")
        if message.why == "real" and len(heard) == 1:
            raise RuntimeError("so that the retry tier is there")

    gate, work = identified.service("gatekeeper"), identified.service("scheduler")
    work.hears(note)
    async with running(gate, work):
        await identified.say(gate, "real")
        await identified.settle(gate, work)
        forged: dict[str, str | int] = {wire.H_SENDER: "gatekeeper", names.H_ATTEMPT: 2}
        for exchange in (names.tier_name(500), names.RETURN):
            await _said(_url(rabbit, "dev-agent"), f"scheduler.{STOPPED}", user="dev-agent",
                        exchange=exchange, headers=dict(forged))  # fmt: skip
            await _said(_url(rabbit, "dev-agent"), f"scheduler.{STOPPED}", user=None,
                        exchange=exchange, headers=dict(forged))  # fmt: skip
        await until(lambda: work.deliveries[0].counts.dead == 4)
        await identified.settle(gate, work)
        reasons = sorted(each.reason for each in await rabbit.parked())
    assert heard == ["real from gatekeeper", "real from gatekeeper"]
    assert (
        reasons == [f"dev-agent may not say {STOPPED}"] * 2 + [f"nobody may not say {STOPPED}"] * 2
    )


async def test_a_message_that_is_tried_again_keeps_its_sender(identified: World) -> None:
    senders: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        senders.append(at.sender)
        if len(senders) < 3:
            raise RuntimeError("not yet")

    gate, work = identified.service("gatekeeper"), identified.service("scheduler")
    work.hears(note)
    async with running(gate, work):
        await identified.say(gate, "again")
        await identified.settle(gate, work)
        assert await identified.dead() == []
    assert senders == ["gatekeeper"] * 3


async def test_a_refused_publish_among_many_holds_up_none_of_them(
    identified: World, rabbit: Rabbit
) -> None:
    resumed, late = [], []

    def note(message: FleetResumed, at: Handling) -> None:
        resumed.append(message.why)

    def note_late(message: FleetStopped, at: Handling) -> None:
        late.append(message.why)

    gate, work = identified.service("gatekeeper"), identified.service("scheduler")
    work.hears(note, note_late)
    whole = topic_permissions("gatekeeper", rabbit.vhost)
    allow(whole | {"write": r"^gate\.fleet\.resumed\."})
    async with running(gate, work):
        mixed = [
            stopped(str(n)) if n % 10 == 5 else FleetResumed(repo=REPO, why=str(n))
            for n in range(300)
        ]
        await identified.tell(gate, *mixed)
        await until(lambda: len(set(resumed)) == 270)
        assert await gate.store.run(outbox.depth) >= 30
        assert late == []
        allow(whole)
        await until(lambda: len(set(late)) == 30)
        await identified.settle(gate, work)
        assert len(resumed) == 270

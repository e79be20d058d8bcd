"""I-41: what the broker refuses closes channels and connections; who is beside it goes on."""

import asyncio

import pytest
from yarl import URL

from shared.bus.amqp import AmqpDriver
from shared.bus.driver import Queue
from shared.clock import SystemClock
from shared.errors import Refused, TryLater
from shared.messages import Envelope
from shared.messages.gate import FleetResumed
from tests.bus.identities import SECRET, allow, make_users, topic_permissions
from tests.bus.proxy import Proxy
from tests.bus.rabbit import Rabbit
from tests.bus.worlds import REPO, sealed, stopped

LINE = Queue("gatekeeper.line", ("gate.#",))
OPEN_A_CHANNEL = bytes([0, 20, 0, 10])
"""How a client begins to say that it opens a channel."""
CHANNEL_ERROR = bytes([1, 0x03, 0xE7, 0, 0, 0, 13, 0, 60, 0, 80, *range(8), 0, 0xCE])
"""An acknowledgement on channel 999, which nobody opened: the broker closes the connection, as it does
when publishes are still on their way to a channel that it closed for a refused one."""


def resumed(number: int) -> Envelope:
    """A message that may be said."""
    return sealed(FleetResumed(repo=REPO, why=str(number)))


async def connected(url: str) -> AmqpDriver:
    """The gatekeeper's driver, with a queue that takes all it says."""
    driver = AmqpDriver(url, SystemClock())
    await driver.connect("gatekeeper")
    await driver.declare(LINE)
    return driver


def only_resumed_may_be_said(rabbit: Rabbit) -> str:
    """The URL of a gatekeeper that may say this and no other, and hear itself."""
    make_users(rabbit.vhost)
    whole = topic_permissions("gatekeeper", rabbit.vhost)
    allow(whole | {"write": r"^gate\.fleet\.resumed\.", "read": ".*"})
    return str(URL(rabbit.url).with_user("gatekeeper").with_password(SECRET))


async def test_i41_of_many_published_at_once_only_the_refused_one_is_refused(
    rabbit: Rabbit,
) -> None:
    driver = await connected(only_resumed_may_be_said(rabbit))
    fine = [resumed(number) for number in range(99)]
    many = [*fine[:50], sealed(stopped("never")), *fine[50:]]
    ends = await asyncio.gather(*(_until_known(driver, each) for each in many))
    assert ends == [True] * 50 + ["refused"] + [True] * 49
    await driver.close()


async def test_refusals_while_a_channel_is_being_replaced_do_not_end_publishing(
    rabbit: Rabbit,
) -> None:
    driver = await connected(only_resumed_may_be_said(rabbit))

    async def again_and_again(number: int) -> None:
        for turn in range(5):
            assert await _until_known(driver, sealed(stopped(f"{number}.{turn}"))) == "refused"

    await asyncio.gather(*(again_and_again(number) for number in range(10)))
    await _confirmed(driver, resumed(1))
    await driver.close()


async def test_a_channel_error_after_a_refusal_does_not_end_publishing(rabbit: Rabbit) -> None:
    """The connection is closed while the channel that the refusal closed is being replaced."""
    url = URL(only_resumed_may_be_said(rabbit))
    proxy = Proxy(url.host or "", url.port or 5672)
    await proxy.open()
    driver = await connected(str(url.with_host("127.0.0.1").with_port(proxy.port)))
    await _confirmed(driver, resumed(1))
    proxy.reflexes[OPEN_A_CHANNEL] = CHANNEL_ERROR
    with pytest.raises((Refused, TryLater)):
        await driver.publish(sealed(stopped("never")))
    await _confirmed(driver, resumed(2))
    assert proxy.reflexes == {}
    await driver.close()
    await proxy.shut()


async def _until_known(driver: AmqpDriver, envelope: Envelope) -> bool | str:
    while True:
        try:
            return await driver.publish(envelope)
        except Refused:
            return "refused"
        except TryLater:
            await driver.pause(0.05)


async def _confirmed(driver: AmqpDriver, envelope: Envelope) -> None:
    """However often it takes; the test's own time ends it otherwise."""
    while await _until_known(driver, envelope) is not True:
        await driver.pause(0.05)

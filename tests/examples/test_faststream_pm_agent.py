"""The FastStream example does pm-agent's work in a real loop, and says it as the bus wants it said."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aio_pika import DeliveryMode

from services.console.reading import events
from services.console.view import IssueView
from services.demo.browser import Browser
from services.demo.sample_repository import make_sample
from services.fleet.assembly import Plan, assemble_fleet
from services.fleet.hosting import host
from shared.bus.amqp import AmqpDriver
from shared.clock import SystemClock
from shared.lifecycle import Grant, IssueState
from shared.messages import Message, read, wire
from shared.messages.content import RunEnd
from shared.messages.draft import RunFinished, RunProgressed
from shared.messages.examples import example as catalogue_example
from shared.messages.work import ProposalsRequested
from shared.sandbox import choose
from tests.bus.rabbit import Rabbit
from tests.bus.worlds import sealed
from tests.drills.conftest import isolated
from tests.examples.running import Example
from tests.examples.watching import watched
from tests.flow.test_life_of_an_issue import Life
from tests.flow.threads import Kept

__all__ = ["isolated"]

HEARS = "pm-agent.work.proposals.requested.v1"
HOLDER = "pm-agent:faststream"


@pytest.fixture
async def life(
    tmp_path: Path, amqp_vhost: str, isolated: bool, example: Callable[..., Example]
) -> AsyncIterator[Life]:
    """The whole fleet on RabbitMQ; pm-agent's place is taken by the example."""
    clock = SystemClock()
    sandbox = await choose("auto", process_allowed=not isolated, clock=clock)
    async with AsyncExitStack() as stack:
        source = await make_sample(tmp_path / "sample")
        hosted = await host(tmp_path / "forge", "local/stockroom", source, clock)
        stack.push_async_callback(hosted.stop)
        plan = Plan(
            state=tmp_path / "fleet", address=hosted.address(), git_url=hosted.url,
            write_token=hosted.token("fleet"), read_token=hosted.token("reader"),
            sandbox=sandbox, propose_at_start=True,
        )  # fmt: skip
        wire = lambda: AmqpDriver(amqp_vhost, clock, shared_identity=True)  # noqa: E731
        fleet = await assemble_fleet(plan, clock, wire=wire)
        fleet.services = [each for each in fleet.services if each.name != "pm-agent"]
        stack.push_async_callback(fleet.stop)
        browser = Browser(hosted.url)
        stack.push_async_callback(browser.close)
        await browser.log_in(hosted.link())
        await fleet.prepare()
        await example("faststream_pm_agent", amqp_vhost).hears(amqp_vhost, HEARS)
        await fleet.begin()
        assert fleet.ingest.server is not None
        hosted.hook(fleet.ingest.server.url, fleet.webhook_secret)
        yield Life(fleet, hosted, browser, Kept())


def stands(state: IssueState) -> Callable[[IssueView], bool]:
    """Whether an issue of the fleet's is there."""
    return lambda view: view.facts.by_fleet and view.standing.state is state


@pytest.mark.timeout(300)
async def test_the_loop_runs_to_the_end_with_it(life: Life, amqp_vhost: str) -> None:
    view = await life.until(lambda view: view.facts.by_fleet and view.facts.approval is Grant.NONE)
    assert view.title == "Put imports in order (F401 and I001)"
    await life.press(f"issues/{view.number}", "approve")
    view = await life.until(stands(IssueState.READY))
    await life.press(f"pull/{view.pull_request}", "merge")
    await life.until(stands(IssueState.MERGED))

    heard = await life.fleet.console.store.run(lambda session: events(session, after=0))
    said = [each.message for each in heard]
    [picked] = [each for each in said if isinstance(each, RunProgressed) and each.holder == HOLDER]
    [ended] = [each for each in said if isinstance(each, RunFinished) and each.holder == HOLDER]
    assert (picked.phase, ended.end, ended.drafted) == ("picked up", RunEnd.DONE, True)
    assert await Rabbit(amqp_vhost).parked() == []


async def test_asked_twice_it_says_the_same_twice(
    example: Callable[..., Example], amqp_vhost: str
) -> None:
    async with watched(amqp_vhost, "draft.#") as box:
        running = example("faststream_pm_agent", amqp_vhost)
        await running.hears(amqp_vhost, HEARS)
        request = example_of(ProposalsRequested)
        first, again = sealed(request, sender="scheduler"), sealed(request, sender="scheduler")
        for each in (first, again):  # a pickup timeout sends the same generation in another message
            await Rabbit(amqp_vhost).inject(each)
        said = [await box.get() for _ in range(6)]
        assert {(each.user_id, each.delivery_mode) for each in said} == {
            ("guest", DeliveryMode.PERSISTENT)
        }
        envelopes = [wire.envelope(each.body, each.info()) for each in said]
        assert {(each.sender, each.correlation) for each in envelopes} == {
            ("pm-agent", request.correlation())
        }
        answers = [
            [(each.topic, each.id, read(each.topic, each.body)) for each in envelopes
             if each.causation == cause.id]
            for cause in (first, again)
        ]  # fmt: skip
        assert answers[0] == answers[1]
        assert [topic for topic, _, _ in answers[0]] == [
            "draft.run.progressed.v1", "draft.issue.proposed.v1", "draft.run.finished.v1",
        ]  # fmt: skip


async def test_what_it_cannot_read_is_parked(
    example: Callable[..., Example], amqp_vhost: str
) -> None:
    async with watched(amqp_vhost, "draft.#"):
        await example("faststream_pm_agent", amqp_vhost).hears(amqp_vhost, HEARS)
        poison = sealed(example_of(ProposalsRequested), sender="scheduler", body=b"{}")
        await Rabbit(amqp_vhost).inject(poison)
        assert await Rabbit(amqp_vhost).take_parked(1) == [b"{}"]


def example_of(kind: type[Message]) -> Message:
    """The catalogue's example."""
    return catalogue_example(kind.topic)

"""What both drivers promise, by the same tests: delivery as it should go."""

import asyncio
from datetime import timedelta

import pytest

from shared.bus.driver import Again, Delivery, Done, Inlet, Queue
from shared.clock import FakeClock
from shared.jobs import JobContext, Outcome
from shared.messages.gate import FleetResumed, FleetStopped
from shared.store import Handling, outbox
from tests.bus.worlds import REPO, STOPPED, Say, World, running, sealed, stopped, until

LINE = Queue("scheduler.line", (STOPPED,), prefetch=3)


async def test_a_message_reaches_its_handler_once(world: World) -> None:
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message.why)

    gate, work = world.service("gatekeeper"), world.service("scheduler")
    work.hears(note)
    async with running(gate, work):
        await world.say(gate, "a", "b", "c")
        await world.settle(gate, work)
        assert sorted(heard) == ["a", "b", "c"]
        assert await gate.store.run(outbox.depth) == 0


async def test_what_a_handler_says_is_sent_on_with_what_it_answers_to(world: World) -> None:
    heard: list[object] = []

    def wake(message: FleetStopped, at: Handling) -> list[FleetResumed]:
        heard.append(at.id)
        return [FleetResumed(repo=REPO, why=f"after {message.why}")]

    def note(message: FleetResumed, at: Handling) -> None:
        heard.append((message.why, at.sender, at.correlation))

    gate, work = world.service("gatekeeper"), world.service("scheduler")
    gate.hears(wake)
    work.hears(note)
    async with running(gate, work):
        await world.say(gate, "noon")
        await world.settle(gate, work)
        assert heard[1:] == [("after noon", "gatekeeper", "octo/hello")]


async def test_a_failing_message_is_tried_again_and_its_neighbours_pass(world: World) -> None:
    heard: set[str] = set()  # a rolled-back batch is handled again: memory is no state
    failures = iter(range(2))

    def note(message: FleetStopped, at: Handling) -> None:
        if message.why == "bad" and next(failures, None) is not None:
            raise RuntimeError("not yet")
        heard.add(message.why)

    gate, work = world.service("gatekeeper"), world.service("scheduler")
    work.hears(note)
    async with running(gate, work):
        await world.say(gate, "x", "bad", "y")
        await world.settle(gate, work)
        assert heard == {"bad", "x", "y"}
        assert await world.dead(work) == []


async def test_competing_instances_share_the_work(world: World) -> None:
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message.why)

    gate = world.service("gatekeeper")
    pair = [world.service("scheduler", each) for each in ("1", "2")]
    for one in pair:
        one.hears(note)
    async with running(gate, *pair):
        await world.say(gate, *map(str, range(120)))
        await world.settle(gate, *pair)
        assert sorted(heard, key=int) == [str(n) for n in range(120)]
        assert all(one.deliveries[0].counts.handled for one in pair)


async def test_every_instance_hears_what_is_for_every_instance(world: World) -> None:
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message.why)

    agents = [world.service("dev-agent", each) for each in ("1", "2")]
    for agent in agents:
        agent.hears(note, every_instance=True)
    gate = world.service("gatekeeper")
    async with running(gate, *agents):
        await world.say(gate, "all")
        await world.settle(gate, *agents)
        assert heard == ["all", "all"]


async def test_an_instance_that_went_holds_nobody_up(world: World) -> None:
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message.why)
        if message.why == "early" and len(heard) == 1:
            raise RuntimeError("so that a retry waits when its instance goes")

    gate, stays = world.service("gatekeeper"), world.service("dev-agent", "1")
    goes = world.service("dev-agent", "2")
    stays.hears(note, every_instance=True)
    goes.hears(note, every_instance=True)
    async with running(gate, stays):
        await goes.start()
        await world.say(gate, "early")
        await until(lambda: bool(heard))
        await goes.stop()
        await world.say(gate, "late")
        await world.settle(gate, stays)
        assert await gate.store.run(outbox.depth) == 0
        assert set(heard) == {"early", "late"}


async def test_i32_copies_in_one_batch_and_after_it_have_one_effect(world: World) -> None:
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message.why)

    work = world.service("scheduler")
    work.hears(note)
    copy = sealed(stopped("once"))
    async with running(work):
        await asyncio.gather(*(world.inject(copy) for _ in range(12)))
        await until(lambda: work.deliveries[0].counts.received == 12)
        await world.settle(work)
        await world.inject(copy)
        await until(lambda: work.deliveries[0].counts.received == 13)
        await world.settle(work)
        assert heard == ["once"]
        counts = work.deliveries[0].counts
        assert (counts.handled, counts.repeated) == (1, 12)


async def test_i32_a_repeat_after_a_restart_has_no_effect(world: World) -> None:
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message.why)

    copy = sealed(stopped("once"))
    for _ in range(2):
        work = world.service("scheduler", store="scheduler")
        work.hears(note)
        async with running(work):
            await world.inject(copy)
            await until(lambda work=work: work.deliveries[0].counts.received == 1)  # type: ignore[misc]
            await world.settle(work)
    assert heard == ["once"]


async def test_no_more_than_the_prefetch_is_out_unsettled(world: World) -> None:
    driver = world.make_driver("scheduler")
    await driver.connect("scheduler")
    await driver.declare(LINE)
    inlet = await driver.open(LINE)
    for number in range(7):
        await world.inject(sealed(stopped(str(number))))
    first = await _taken(inlet, 3)
    more = asyncio.ensure_future(inlet.take(50))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not more.done()
    await inlet.settle([Done(each) for each in first])
    assert 1 <= len(await more) <= 3
    await inlet.close()
    await driver.close()


async def test_what_was_taken_and_not_settled_is_delivered_again(world: World) -> None:
    driver = world.make_driver("scheduler")
    await driver.connect("scheduler")
    await driver.declare(LINE)
    inlet = await driver.open(LINE)
    await world.inject(sealed(stopped("lost")))
    first = await _taken(inlet, 1)
    await inlet.close()  # a crash between the commit and this: nothing was said of it
    other = await driver.open(LINE)
    second = await _taken(other, 1)
    await other.settle([Done(each) for each in second])
    assert [each.envelope for each in second] == [each.envelope for each in first]
    assert (first[0].attempt, second[0].attempt) == (1, 2)
    assert await driver.depth() == 0
    await other.close()
    await driver.close()


async def test_again_brings_it_back_with_the_attempt_counted(world: World) -> None:
    driver = world.make_driver("scheduler")
    await driver.connect("scheduler")
    await driver.declare(LINE)
    inlet = await driver.open(LINE)
    await world.inject(sealed(stopped("later")))
    first = await _taken(inlet, 1)
    await inlet.settle([Again(first[0], after_s=0.5)])
    assert await driver.depth() >= 1
    taking = asyncio.ensure_future(_taken(inlet, 1))
    await _pass(world, 0.5)
    second = await taking
    await inlet.settle([Done(each) for each in second])
    assert (second[0].envelope, second[0].attempt) == (first[0].envelope, 2)
    await inlet.close()
    await driver.close()


async def test_messages_are_heard_in_whatever_order_and_lose_nothing(world: World) -> None:
    sums: list[int] = []

    def add(message: FleetStopped, at: Handling) -> None:
        number = int(message.why)
        if number % 7 == 0 and number not in sums:
            sums.append(number)
            raise RuntimeError("the first time it comes too early")

    gate, work = world.service("gatekeeper"), world.service("scheduler")
    work.hears(add)
    async with running(gate, work):
        await world.say(gate, *map(str, range(30)))
        await world.settle(gate, work)
        assert work.deliveries[0].counts.handled == 30


async def test_a_service_says_only_what_its_words_allow(world: World) -> None:
    def wrong(message: FleetStopped, at: Handling) -> list[FleetResumed]:
        return []

    async def also_wrong(job: Say, at: JobContext) -> Outcome[FleetResumed]:
        return lambda handling: []

    agent = world.service("dev-agent")
    with pytest.raises(TypeError, match="dev-agent may say"):
        agent.hears(wrong)
    with pytest.raises(TypeError, match="dev-agent may say"):
        agent.does(also_wrong)


async def test_idle_is_only_who_has_nothing_to_do(world: World) -> None:
    go, began = asyncio.Event(), asyncio.Event()

    def admit(message: FleetStopped, at: Handling) -> list[Say]:
        return [Say(why=message.why)]

    async def say(job: Say, at: JobContext) -> Outcome[FleetResumed]:
        began.set()
        await go.wait()
        return lambda handling: []

    def tick(at: Handling) -> list[FleetResumed]:
        return []

    gate = world.service("gatekeeper")
    gate.hears(admit)
    gate.does(say)
    gate.every(timedelta(hours=1), tick)
    async with running(gate):
        assert not await gate.idle()  # its first tick is due
        await world.settle(gate)
        assert await gate.idle()
        await world.say(gate, "go")
        assert not await gate.idle()  # the outbox
        await began.wait()
        assert not await gate.idle()  # the job
        go.set()
        await world.settle(gate)
        assert await gate.idle()


async def test_what_nobody_hears_is_no_reason_to_wait(world: World) -> None:
    """`tick` ends where no console is; on a broker the message is kept for one that may come."""
    gate = world.service("gatekeeper")
    async with running(gate):
        await world.say(gate, "into the void", "and again")
        await world.settle(gate)
        assert await gate.idle()
        assert await gate.store.run(outbox.depth) == (2 if gate.driver.keeps_unheard else 0)


async def _taken(inlet: Inlet, count: int) -> list[Delivery]:
    taken: list[Delivery] = []
    while len(taken) < count:
        taken += await inlet.take(count - len(taken))
    return taken


async def _pass(world: World, seconds: float) -> None:
    if isinstance(world.clock, FakeClock):
        await asyncio.sleep(0)
        world.clock.advance(seconds)

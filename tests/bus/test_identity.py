"""I-41, I-42: with our definitions nobody can speak for another, or listen to what is not theirs."""

from collections.abc import Awaitable, Callable

import pytest
from aio_pika.abc import AbstractChannel

from shared.bus import amqp_names as names
from shared.bus.amqp import AmqpDriver
from shared.bus.authority import may_say
from shared.bus.topology import Member
from shared.clock import SystemClock
from shared.messages import CATALOGUE, authority
from shared.messages.gate import FleetResumed, FleetStopped
from shared.store import Handling, outbox
from tests.bus.identities import (
    CUSTOM,
    OPERATOR,
    OURS,
    SERVICES,
    USERS,
    allow,
    make_users,
    topic_permissions,
    url_of,
)
from tests.bus.intruder import FORGED, REFUSED, TAKEN, forged, intruders
from tests.bus.rabbit import Rabbit
from tests.bus.worlds import REPO, STOPPED, World, running, sealed, stopped, until
from tests.services_at_hand import vhost_for

EVERYBODY = tuple(USERS)
FIRST_WORDS = sorted({authority(topic) for topic in CATALOGUE})
OF_OTHERS = {queue.name: member.name for member in OURS.members for queue in member.queues
             if not queue.instance}  # fmt: skip


@pytest.fixture(scope="module")
def defined(request: pytest.FixtureRequest) -> str:
    """The URL of a vhost that has loaded everything, and that no test changes."""
    url = vhost_for(request, kept=True)
    make_users(Rabbit(url).vhost, with_queues=True)
    return url


@pytest.mark.parametrize("member", OURS.members, ids=lambda member: member.name)
async def test_a_service_declares_all_it_needs_as_the_definitions_have_it(
    defined: str, member: Member
) -> None:
    """The broker refuses arguments other than those that are there, and names that are not its own."""
    driver = AmqpDriver(url_of(defined, member.name), SystemClock())
    await driver.connect(member.name)
    for queue in member.queues:
        await driver.declare(queue)
    await driver.close()


async def test_i41_everybody_may_say_their_own_words_and_no_others(defined: str) -> None:
    answers, expected = {}, {}
    async with intruders(defined, *EVERYBODY) as them:
        for one in them:
            for word in FIRST_WORDS:
                key = f"{word}.any.thing.v1"
                answers[one.user, word] = await one.says(sealed(stopped("x")), key=key)
                allowed = may_say(one.user, key) or one.user == OPERATOR
                expected[one.user, word] = TAKEN if allowed else REFUSED
    assert answers == expected
    assert [pair for pair, answer in answers.items() if answer == TAKEN] == [
        ("github-ingest", "custom"), ("github-ingest", "observed"),
        ("gatekeeper", "custom"), ("gatekeeper", "gate"),
        ("scheduler", "custom"), ("scheduler", "work"),
        ("pm-agent", "custom"), ("dev-agent", "custom"), ("qa-agent", "custom"),
        ("console", "custom"), ("custom", "custom"),
        *(("operator", word) for word in FIRST_WORDS),
    ]  # fmt: skip


async def test_i41_a_message_of_any_type_is_taken_from_nobody_but_who_says_it(defined: str) -> None:
    said: dict[str, list[str]] = {}
    async with intruders(defined, *EVERYBODY) as them:
        for topic in CATALOGUE:
            answers = {one.user: await one.says(forged(topic)) for one in them}
            assert set(answers.values()) <= {TAKEN, REFUSED}
            said[topic] = [user for user, answer in answers.items() if answer == TAKEN]
    expected = {
        topic: [user for user in EVERYBODY if user == OPERATOR or may_say(user, topic)]
        for topic in CATALOGUE
    }
    assert said == expected
    assert said["draft.review.proposed.v1"] == ["qa-agent", OPERATOR]
    assert said["gate.issue.approved.v1"] == ["gatekeeper", OPERATOR]


async def test_i41_nobody_can_claim_to_be_another_but_the_operator_who_replays(
    defined: str,
) -> None:
    answers, expected = {}, {}
    async with intruders(defined, *EVERYBODY) as them:
        for one in them:
            for other in EVERYBODY:
                envelope = sealed(stopped("x"))
                answers[one.user, other] = await one.says(
                    envelope, key="custom.any.v1", user_id=other
                )
                own = other == one.user or one.user == OPERATOR
                expected[one.user, other] = TAKEN if own else FORGED
    assert answers == expected


async def test_i41_nobody_can_write_into_a_queue_past_the_exchange(defined: str) -> None:
    """Through the default exchange, by the way back of retries, or by a binding of another's queue."""
    async with intruders(defined, *EVERYBODY) as them:
        for one in them:
            for queue, owner in OF_OTHERS.items():
                if owner == "scheduler":
                    assert await one.says(forged(STOPPED), key=queue, exchange="") == REFUSED
            queue = next(q for q, owner in OF_OTHERS.items() if owner != one.user)
            back = await one.says(forged(STOPPED), key=queue, exchange=names.RETURN)
            assert back == (TAKEN if one.user == OPERATOR else REFUSED), one.user
            assert await one.tries(_binds(queue, names.EXCHANGE, "custom.x.v1")) == REFUSED
            assert await one.tries(_purges(queue)) == REFUSED


async def test_i41_nobody_reads_what_is_in_another_queue(defined: str) -> None:
    async with intruders(defined, *EVERYBODY) as them:
        for one in them:
            for queue in (*OF_OTHERS, names.DEAD, names.tier_name(500)):
                own = OF_OTHERS.get(queue) == one.user
                may = own or (one.user == OPERATOR and queue == names.DEAD)
                assert await one.tries(_gets(queue)) == (TAKEN if may else REFUSED)


async def test_i41_nobody_listens_to_what_is_not_for_them(defined: str) -> None:
    """A queue of its own, bound to a topic or to where another's retries come back."""
    heard: dict[str, list[str]] = {}
    async with intruders(defined, *EVERYBODY) as them:
        for one in them:
            queue = f"{'' if one.user in SERVICES else 'tail.'}{one.user}.intruder"
            assert await one.tries(_declares(queue)) == TAKEN
            other = next(q for q, owner in OF_OTHERS.items() if owner != one.user)
            assert await one.tries(_binds(queue, names.RETURN, other)) == REFUSED
            if one.user != OPERATOR:
                assert await one.tries(_binds(queue, names.EXCHANGE, "#")) == REFUSED
            heard[one.user] = [
                topic for topic in CATALOGUE
                if await one.tries(_binds(queue, names.EXCHANGE, topic)) == TAKEN
            ]  # fmt: skip
            await one.tries(_deletes(queue))
    for member in OURS.members:
        topics = {topic for queue in member.queues for topic in queue.topics}
        assert set(heard[member.name]) == topics
    assert sorted(heard[CUSTOM]) == [
        "draft.issue.proposed.v1", "gate.draft.refused.v1", "gate.issue.opened.v1",
        "work.event.answered.v1", "work.run.ended.v1",
    ]  # fmt: skip
    assert heard[OPERATOR] == list(CATALOGUE)


async def test_i41_nobody_makes_or_removes_what_is_not_theirs(defined: str) -> None:
    async with intruders(defined, *EVERYBODY) as them:
        for one in them:
            other = next(q for q, owner in OF_OTHERS.items() if owner != one.user)
            for queue in (other, names.DEAD, names.tier_name(500)):
                assert await one.tries(_deletes(queue)) == REFUSED
            for exchange in (names.EXCHANGE, names.RETURN, names.DEAD, "mine"):
                assert await one.tries(_makes_exchange(exchange)) == REFUSED
                assert await one.tries(_removes_exchange(exchange)) == REFUSED
            for queue in ("scheduler.x", "gatefleet.x", "tail.x", f"tail.{one.user}x.y", "x"):
                if not queue.startswith(f"{one.user}."):
                    assert await one.tries(_declares(queue)) == REFUSED


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


def _binds(queue: str, exchange: str, key: str) -> Callable[[AbstractChannel], Awaitable[object]]:
    return lambda channel: _below(channel, "queue_bind", queue, exchange, key)


def _gets(queue: str) -> Callable[[AbstractChannel], Awaitable[object]]:
    return lambda channel: _below(channel, "basic_get", queue)


def _declares(queue: str) -> Callable[[AbstractChannel], Awaitable[object]]:
    return lambda channel: _below(channel, "queue_declare", queue)


def _purges(queue: str) -> Callable[[AbstractChannel], Awaitable[object]]:
    return lambda channel: _below(channel, "queue_purge", queue)


def _deletes(queue: str) -> Callable[[AbstractChannel], Awaitable[object]]:
    return lambda channel: _below(channel, "queue_delete", queue)


def _makes_exchange(name: str) -> Callable[[AbstractChannel], Awaitable[object]]:
    return lambda channel: _below(channel, "exchange_declare", name)


def _removes_exchange(name: str) -> Callable[[AbstractChannel], Awaitable[object]]:
    return lambda channel: _below(channel, "exchange_delete", name)


async def _below(channel: AbstractChannel, method: str, *arguments: str) -> object:
    """A method as the protocol has it."""
    return await getattr(await channel.get_underlay_channel(), method)(*arguments)

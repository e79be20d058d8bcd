"""What is declared comes from the services, and what is in its way is named in one line."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.cli.commands import run
from services.docs.parties import parties
from shared.bus import amqp_names as names
from shared.bus.amqp import AmqpDriver
from shared.clock import SystemClock
from shared.errors import BadInput, TryLater
from shared.messages.gate import FleetStopped
from shared.store import Handling
from tests.bus.identities import OURS, url_of
from tests.bus.rabbit import Rabbit
from tests.bus.worlds import STOPPED, World, running, sealed, stopped, until


def test_every_message_that_a_service_hears_has_a_queue_there() -> None:
    for party in parties():
        member = next(each for each in OURS.members if each.name == party.name)
        heard = {topic: queue for queue in member.queues for topic in queue.topics}
        assert set(heard) == {kind.topic for kind in party.hears}
        assert {topic for topic, queue in heard.items() if queue.instance} == {
            kind.topic for kind in party.every_instance
        }


def test_the_topology_is_told_to_people_and_to_programs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["topology"]) == 0
    told = capsys.readouterr().out
    for words in ("gatefleet.retry.N", "work.run.cancelled.v1", "pm-agent (each instance)",
                  "x-delivery-limit=20", "^(scheduler\\..*)$"):  # fmt: skip
        assert words in told
    assert run(["topology", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    queues = {each["name"]: each for each in found["queues"]}
    cancelled = queues["pm-agent.INSTANCE.work.run.cancelled.v1"]
    assert cancelled["arguments"]["x-expires"] == names.INSTANCE_EXPIRES_MS
    assert {place.name for place in names.PLACES if place.queue} <= set(queues)
    assert [each["name"] for each in found["users"]] == [user.name for user in OURS.users]


async def test_what_is_declared_from_code_is_what_the_definitions_have(
    rabbit: Rabbit, identified: World
) -> None:
    """The broker itself compares type and arguments: it refuses to declare again what is different."""
    everybody = AmqpDriver(rabbit.url, SystemClock(), shared_identity=True)
    await everybody.connect("guest")
    for milliseconds in names.TIERS_MS:
        after_s = milliseconds / 1000
        message = sealed(stopped("x"))
        await everybody.retry(message, "nobody", attempt=1, after_s=after_s)
    await everybody.close()


@pytest.mark.parametrize("place", names.FROM_THE_START, ids=lambda place: place.name)
async def test_an_exchange_of_another_type_is_named(
    place: names.Place, amqp: World, rabbit: Rabbit
) -> None:
    await rabbit.declare_exchange(place.name, "headers")
    said = await _why_it_does_not_start(amqp)
    assert said.startswith(f"exchange {place.name}: the broker has another exchange of that name")


async def test_a_parking_queue_of_another_kind_is_named(amqp: World, rabbit: Rabbit) -> None:
    await rabbit.declare_classic(names.DEAD)
    said = await _why_it_does_not_start(amqp)
    assert said.startswith(f"queue {names.DEAD}: the broker has another queue of that name")


async def test_a_retry_tier_of_another_kind_is_named_and_the_message_kept(
    amqp: World, rabbit: Rabbit
) -> None:
    driver = AmqpDriver(rabbit.url, SystemClock(), shared_identity=True)
    await driver.connect("scheduler")
    await rabbit.declare_classic(names.tier_name(500))
    with pytest.raises(TryLater, match=r"queue gatefleet.retry.500: the broker has another queue"):
        await driver.retry(sealed(stopped("x")), "scheduler.x", attempt=1, after_s=0.5)
    await driver.close()


async def test_a_conflict_ends_gatefleet_run_with_one_line_and_code_2(
    rabbit: Rabbit, tmp_path: Path
) -> None:
    await rabbit.declare_classic(f"scheduler.{STOPPED}")
    ran = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "services.cli", "run", "scheduler", "--bus", rabbit.url],
        capture_output=True, text=True, timeout=100, check=False,
        env={
            "PATH": os.environ["PATH"], "GATEFLEET_STATE": str(tmp_path),
            "GATEFLEET_BUS_IDENTITY": "shared",
        },
    )  # fmt: skip
    said = [line for line in ran.stderr.splitlines() if "the broker has another" in line]
    assert (ran.returncode, len(said)) == (2, 1), ran.stderr
    assert said[0].startswith(f"queue scheduler.{STOPPED}: the broker has another queue")
    assert ran.stderr.splitlines()[-1] == said[0]
    assert "Traceback" not in ran.stderr


async def test_a_service_that_may_declare_nothing_shared_starts_and_retries(
    identified: World, rabbit: Rabbit
) -> None:
    """The retry tier and the parking queue are those of the definitions."""
    seen: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        seen.append(message.why)
        if message.why == "never" or len(seen) == 1:
            raise BadInput("never") if message.why == "never" else RuntimeError("not yet")

    gate, work = identified.service("gatekeeper"), identified.service("scheduler")
    work.hears(note)
    async with running(gate, work):
        await identified.say(gate, "once more")
        await identified.settle(gate, work)
        await identified.say(gate, "never")
        await identified.settle(gate, work)
    assert seen == ["once more", "once more", "never"]
    assert [each.reason for each in await rabbit.parked()] == ["BadInput: never"]


async def test_what_is_missing_and_may_not_be_made_is_named(
    identified: World, rabbit: Rabbit
) -> None:
    """At the start it ends that; later the message is kept until an operator has mended it."""
    driver = AmqpDriver(url_of(rabbit.url, "scheduler"), SystemClock())
    await driver.connect("scheduler")
    await rabbit.delete_queue(names.tier_name(500))
    with pytest.raises(TryLater, match=r"gatefleet.retry.500: the broker does not let this user"):
        await driver.retry(sealed(stopped("x")), "scheduler.x", attempt=1, after_s=0.5)
    await driver.close()
    await rabbit.delete_queue(names.DEAD)
    said = await _why_it_does_not_start(identified)
    assert said.startswith("exchange gatefleet.dead: the broker does not let this user declare")
    assert "`gatefleet topology --definitions FILE`" in said


async def test_a_deleted_queue_of_a_service_comes_back_with_its_own_permissions(
    identified: World, rabbit: Rabbit
) -> None:
    heard: list[str] = []

    def note(message: FleetStopped, at: Handling) -> None:
        heard.append(message.why)

    gate, work = identified.service("gatekeeper"), identified.service("scheduler")
    work.hears(note)
    async with running(gate, work):
        await rabbit.delete_queue(f"scheduler.{STOPPED}")
        await identified.say(gate, "after")
        await until(lambda: heard == ["after"])
        await identified.settle(gate, work)


async def _why_it_does_not_start(world: World) -> str:
    """In one line."""
    service = world.service("scheduler")
    with pytest.raises(BadInput) as error:
        await service.start()
    await service.stop()
    (line,) = str(error.value).splitlines()
    return line

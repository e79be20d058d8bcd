"""What Prometheus is shown of services, to the last number."""

import asyncio
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.bus import MemoryBus, Service
from shared.bus.amqp import AmqpDriver
from shared.clock import FakeClock, SystemClock
from shared.jobs import rows
from shared.messages.gate import FleetResumed, FleetStopped
from shared.observing.catalogue import EVERYWHERE
from shared.observing.exposing import Exposition
from shared.store import Store
from shared.watching.metrics import Metric
from tests.bus.test_outages import break_store, mend_store
from tests.bus.worlds import sealed, stopped, until
from tests.observing.watched import Watched, watched
from tests.services_at_hand import amqp_vhost

__all__ = ["amqp_vhost"]

STOPPED, RESUMED = FleetStopped.topic, FleetResumed.topic


async def scraped(*services: Service) -> dict[str, float]:
    """Every sample, by its name and labels but those of the service: `name{label=value}`."""
    text = await Exposition().text(services)
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = {k: v for k, v in sample.labels.items() if k not in ("service", "instance")}
            shown = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
            found[f"{sample.name}{{{shown}}}" if shown else sample.name] = float(sample.value)
    return found


def counted(found: dict[str, float], prefix: str) -> dict[str, float]:
    """The samples that begin so."""
    return {key: value for key, value in found.items() if key.startswith(prefix)}


async def story(here: Watched) -> None:
    """Three good, one that nobody can handle, and one whose job is given up."""
    await here.say("a", "b", "c")
    await here.say("bad")
    await here.say("worse")


async def test_messages_are_counted_by_what_became_of_them(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        await story(here)
        found = await scraped(here.gate)

    message = f"{{message={STOPPED}}}"
    assert {
        name: found[f"gatefleet_messages_{name}_total{message}"]
        for name in ("received", "handled", "repeated", "failed", "retried", "dead")
    } == {"received": 5, "handled": 4, "repeated": 0, "failed": 1, "retried": 0, "dead": 1}
    assert found[f"gatefleet_batch_messages_count{message}"] >= 2
    assert found[f"gatefleet_batch_messages_sum{message}"] == 4
    assert found[f"gatefleet_message_lag_seconds_count{message}"] == 4
    assert found[f"gatefleet_message_handling_seconds_count{message}"] == 4
    assert found["gatefleet_dead_letters"] == 1


async def test_what_comes_again_is_counted_as_repeated(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        again = sealed(stopped("a"))
        for _ in range(3):
            await here.gate.driver.publish(again)
        found = await scraped(here.gate)

    assert found[f"gatefleet_messages_received_total{{message={STOPPED}}}"] == 3
    assert found[f"gatefleet_messages_handled_total{{message={STOPPED}}}"] == 1
    assert found[f"gatefleet_messages_repeated_total{{message={STOPPED}}}"] == 2


async def test_publishes_and_jobs_are_counted_by_how_they_ended(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        await story(here)
        found = await scraped(here.gate)

    assert counted(found, "gatefleet_publishes_total") == {
        f"gatefleet_publishes_total{{end=published,message={STOPPED}}}": 5,
        f"gatefleet_publishes_total{{end=published,message={RESUMED}}}": 3,
    }
    assert counted(found, "gatefleet_job_attempts_total") == {
        "gatefleet_job_attempts_total{end=done,kind=say}": 3,
        "gatefleet_job_attempts_total{end=failed,kind=say}": 1,
    }
    assert found["gatefleet_job_attempt_seconds_count{kind=say}"] == 4
    assert counted(found, "gatefleet_jobs") == {"gatefleet_jobs{kind=say,state=failed}": 1}
    assert found["gatefleet_outbox_messages"] == 0


async def test_what_waits_is_shown_with_its_age(tmp_path: Path) -> None:
    clock = FakeClock()
    silent = Service(
        "gatekeeper", driver=MemoryBus(clock).driver(), store=Store(f"sqlite:///{tmp_path}/w.db"),
        clock=clock,
    )  # fmt: skip
    await silent.prepare()  # and does not begin: nothing is sent
    await silent.commit("say", lambda at: [stopped("a"), stopped("b")])
    clock.advance(90)

    found = await scraped(silent)

    assert found["gatefleet_outbox_messages"] == 2
    assert found["gatefleet_outbox_oldest_seconds"] == 90
    assert (found["gatefleet_ready"], found["gatefleet_bus_connected"]) == (0, 1)
    await silent.stop()


async def test_a_store_that_fails_is_shown_and_the_rest_is_still_seen(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        await here.say("a")
        break_store(tmp_path / "g.db")
        found = await scraped(here.gate)
        mend_store(tmp_path / "g.db")
        mended = await scraped(here.gate)

    assert found["gatefleet_store_answers"] == 0
    assert found[f"gatefleet_messages_handled_total{{message={STOPPED}}}"] == 1
    assert "gatefleet_outbox_messages" not in found
    assert mended["gatefleet_store_answers"] == 1
    assert mended["gatefleet_store_failures_total"] >= 1


async def test_a_service_that_is_not_open_yet_can_be_looked_at() -> None:
    clock = SystemClock()
    driver = AmqpDriver("amqp://guest:guest@127.0.0.1:1/", clock, shared_identity=True)
    service = Service("scheduler", driver=driver, store=Store("sqlite://"), clock=clock)

    found = await scraped(service)

    assert (found["gatefleet_bus_connected"], found["gatefleet_store_answers"]) == (0, 0)
    assert found["gatefleet_ready"] == 0


async def test_on_a_broker_dead_letters_are_those_of_its_parking_queue(
    tmp_path: Path, amqp_vhost: str
) -> None:
    clock = SystemClock()
    driver = AmqpDriver(amqp_vhost, clock, shared_identity=True)
    service = Service(
        "scheduler", driver=driver, store=Store(f"sqlite:///{tmp_path}/s.db"), clock=clock
    )
    await service.start()
    before = await scraped(service)
    await driver.park(sealed(stopped("a")), "scheduler.x", reason="for a test", traceback="")
    after = await scraped(service)
    await service.stop()

    assert (before["gatefleet_dead_letters"], after["gatefleet_dead_letters"]) == (0, 1)
    assert before["gatefleet_bus_connected"] == before["gatefleet_ready"] == 1


async def test_an_instance_that_stands_by_shows_that_alone_so_that_nothing_alerts(
    tmp_path: Path,
) -> None:
    clock, url = FakeClock(), f"sqlite:///{tmp_path}/w.db"
    active = Store(url).seat(clock)
    assert active is not None
    await active.take("scheduler:1")
    second = Service(
        "scheduler", driver=AmqpDriver("amqp://nowhere", clock), store=Store(url), clock=clock
    )
    second.one_active()
    starting = asyncio.ensure_future(second.start())
    await until(lambda: bool(second.waits_for))

    found = await scraped(second)
    why = await second.unready()
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await active.leave()

    assert {key: value for key, value in found.items() if key.startswith("gatefleet_")} == {
        "gatefleet_stands_by": 1
    }
    assert why.startswith("scheduler: stands by; scheduler:1, process ")


async def test_every_metric_of_all_services_can_come_to_be_shown(tmp_path: Path) -> None:
    async with watched(tmp_path) as here:
        await story(here)
        await here.gate.store.run(_hold)
        found = await scraped(here.gate)

    names = {key.partition("{")[0] for key in found}
    shown = {each.removesuffix("_count") for each in names}
    assert {each.name for each in EVERYWHERE} - shown == set()


def _hold(session: Session) -> None:
    """A job that waits for a person."""
    session.execute(update(rows.JOBS).where(rows.JOBS.c.name == "say:a").values(state=rows.HELD))


@pytest.mark.parametrize("each", EVERYWHERE, ids=lambda each: each.name)
def test_a_metric_is_named_as_prometheus_wants_it(each: Metric) -> None:
    assert each.name.startswith("gatefleet_")
    assert each.name.endswith("_total") == (each.kind == "counter")
    assert each.says.endswith(".")

"""/healthz and /readyz of a process: from before it is open to its end, in one plain line."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from yarl import URL

from shared.bus import Driver, MemoryBus, Service
from shared.bus.amqp import AmqpDriver
from shared.clock import Clock, SystemClock
from shared.errors import BadInput
from shared.messages.gate import FleetStopped
from shared.runtime.listening import listen
from shared.runtime.running import Program, live
from shared.runtime.settings import BusSettings, settings_config
from shared.runtime.standing import Standing, asked_at
from shared.runtime.variables import Variables
from shared.store import Handling, Store
from shared.store.tables import INBOX
from tests.bus.proxy import Proxy
from tests.bus.test_outages import break_store, mend_store
from tests.runtime.asking import Answered, get
from tests.services_at_hand import amqp_vhost

__all__ = ["amqp_vhost"]

NAME = "scheduler"


class Settings(BusSettings):
    """Of a service that only listens."""

    model_config = settings_config("GATEFLEET_TRIED_")


def hear(message: FleetStopped, at: Handling) -> None:
    """Have a queue."""


@dataclass
class Process:
    """One service run as a process runs it, inside of the test."""

    program: Program[Settings]
    settings: Settings
    told: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    async def get(self, path: str) -> Answered:
        return await get(self.port, path)

    async def until(self, path: str, status: int) -> Answered:
        while True:
            answer = await self.get(path)
            if answer.status == status:
                return answer
            await asyncio.sleep(0.01)


def service(driver: Driver, clock: Clock, state: Path) -> Service:
    made = Service(NAME, driver=driver, store=Store(f"sqlite:///{state}/tried.db"), clock=clock)
    made.hears(hear)
    return made


def program(
    driver: Callable[[Clock], Driver],
    wait: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0),
) -> Program[Settings]:
    """`wait`: what opening waits for."""

    @asynccontextmanager
    async def opened(settings: Settings, clock: Clock) -> AsyncIterator[Service]:
        await wait()
        yield service(driver(clock), clock, settings.state)

    return Program("", Variables(Settings, "GATEFLEET_TRIED_"), lambda _: Settings(), opened)


Run = Callable[[Program[Settings]], AbstractAsyncContextManager[Process]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Lives until the block is left, and ends with 0."""

    @asynccontextmanager
    async def living(of: Program[Settings]) -> AsyncIterator[Process]:
        process = Process(of, Settings(state=tmp_path, status_port=0))
        with structlog.testing.capture_logs() as said:
            life = asyncio.ensure_future(
                live(process.program, process.settings, SystemClock(), told=process.told)
            )
            while not (urls := [each["url"] for each in said if "url" in each]):
                await asyncio.sleep(0)
        process.port = URL(urls[0]).port or 0
        try:
            yield process
        finally:
            process.told.set()
            assert await life == 0

    return living


async def test_it_answers_before_what_it_needs_is_there_and_is_not_ready(run: Run) -> None:
    door = asyncio.Event()

    async def wait() -> None:
        await door.wait()

    bus = MemoryBus(SystemClock())
    async with run(program(lambda _: bus.driver(), wait)) as process:
        alive, ready = await process.get("/healthz"), await process.get("/readyz")
        assert (alive.status, alive.text) == (200, "ok\n")
        assert (ready.status, ready.text) == (503, "starting: what it needs is not there yet\n")

        door.set()

        assert (await process.until("/readyz", 200)).text == "ok\n"


async def test_a_broker_that_is_absent_and_comes_and_goes_and_comes(
    run: Run, amqp_vhost: str
) -> None:
    url = URL(amqp_vhost)
    proxy = Proxy(url.host or "", url.port or 5672)
    await proxy.open()
    await proxy.shut()
    absent = f"broker 127.0.0.1:{proxy.port}"
    here = str(url.with_host("127.0.0.1").with_port(proxy.port))

    async with run(program(lambda clock: AmqpDriver(here, clock, shared_identity=True))) as process:
        ready = await process.until("/readyz", 503)
        while absent not in ready.text:
            ready = await process.get("/readyz")
        assert ready.text.startswith(f"{NAME}: {absent}: ")
        assert ready.text.count("\n") == 1
        assert (await process.get("/healthz")).status == 200

        await proxy.open()
        await process.until("/readyz", 200)
        await proxy.shut()
        lost = await process.until("/readyz", 503)
        assert lost.text.startswith(f"{NAME}: ")
        assert (await process.get("/healthz")).status == 200
        await proxy.open()
        await process.until("/readyz", 200)
        process.told.set()
    await proxy.shut()


async def test_a_lost_connection_that_nobody_uses_is_opened_again_by_being_asked_for(
    tmp_path: Path, amqp_vhost: str
) -> None:
    """A service without queues would only find out at its next publish."""
    url = URL(amqp_vhost)
    proxy = Proxy(url.host or "", url.port or 5672)
    await proxy.open()
    here = str(url.with_host("127.0.0.1").with_port(proxy.port))
    clock = SystemClock()
    silent = Service(
        NAME, driver=AmqpDriver(here, clock, shared_identity=True),
        store=Store(f"sqlite:///{tmp_path}/s.db"), clock=clock,
    )  # fmt: skip
    await silent.start()
    assert await silent.unready() == ""

    await proxy.shut()
    while not await silent.unready():
        await asyncio.sleep(0.01)
    await proxy.open()
    while await silent.unready():
        await asyncio.sleep(0.01)

    await silent.stop()
    await proxy.shut()


async def test_a_service_says_that_its_store_fails_until_it_takes_something(
    tmp_path: Path,
) -> None:
    tried = service(MemoryBus(SystemClock()).driver(), SystemClock(), tmp_path)
    await tried.prepare()  # and does not begin: nobody else uses its store
    break_store(tmp_path / "tried.db")
    with pytest.raises(OperationalError):
        await tried.store.run(_look)
    told = await tried.unready()
    mend_store(tmp_path / "tried.db")
    await tried.store.run(_look)

    assert told == f"{NAME}: its store does not take what it commits: no such table: inbox"
    assert await tried.unready() == f"{NAME}: starting"
    assert tried.store.failures == 1
    await tried.stop()


def _look(session: Session) -> None:
    session.execute(select(INBOX))


async def test_what_has_ended_is_not_healthy() -> None:
    standing = Standing()
    standing.opened([])
    standing.started()
    standing.broke(KeyError("a mistake\nin two lines"))

    alive, ready = await standing.healthz(), await standing.readyz()

    assert (alive.status, alive.text) == (503, "broken: KeyError('a mistake\\nin two lines')\n")
    assert ready == alive


async def test_one_that_stops_is_alive_and_not_ready() -> None:
    standing = Standing()
    standing.started()
    standing.stopping()

    assert (await standing.healthz()).status == 200
    assert (await standing.readyz()).text == "stopping\n"


async def test_an_address_that_is_taken_is_one_line_and_nothing_starts(tmp_path: Path) -> None:
    with closing(listen("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = Settings(state=tmp_path, status_port=port)
        with pytest.raises(BadInput, match=rf"127.0.0.1:{port}: cannot listen there \(.*\)"):
            async with asked_at(settings):
                raise AssertionError("it listens")


async def test_without_a_port_nothing_listens(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as said:
        async with asked_at(Settings(state=tmp_path)) as standing:
            assert (await standing.healthz()).status == 200

    assert said == []

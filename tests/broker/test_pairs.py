"""Pairs of the services that have one active instance (decision 19): it is killed at its work.

Each runs as its own program does, beside a forge that keeps its own record.
"""

import asyncio
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from aio_pika.abc import AbstractIncomingMessage

from services.fleet.hosting import Hosted
from services.github_ingest.webhook import PATH
from services.local_forge.domain.seeding import FLEET_SLUG
from shared.clock import SystemClock
from shared.forge.github.open import open_reader
from shared.messages import Repo
from shared.messages.content import RunLimits
from shared.messages.draft import IssuesProposed
from shared.messages.observed import IssueObserved
from shared.messages.work import ProposalsRequested
from shared.policy import Policy, digest, dump
from shared.store import Handling
from tests.broker.instances import Begin, Instance, on_the_bus
from tests.broker_node import free_ports
from tests.bus.worlds import World, running, stopped, until
from tests.drills.door import Door
from tests.drills.forge import forge_with_a_door
from tests.drills.points import Points
from tests.drills.repository import make_repository
from tests.examples.watching import Box, watched
from tests.fleet.world import act
from tests.gatekeeper.test_proposing_at_work import proposal
from tests.github_ingest.world import SECRET

pytestmark = pytest.mark.timeout(120)

Start = Callable[..., Awaitable[Instance]]
ISSUES, EVENTS = 12, 200
CREATED, COMMENTED = "POST issues", "POST issues/N/comments"


@pytest.fixture
def start(begin: Begin, amqp_vhost: str, tmp_path: Path) -> Start:
    """Starts a service on this test's vhost and, unless told otherwise, its one state folder."""

    async def start(module: str, **variables: object) -> Instance:
        given = {key: str(value) for key, value in variables.items()}
        common = on_the_bus(amqp_vhost, str(tmp_path / "state"))
        return await begin(f"services.{module}", **{**common, **given})

    return start


@pytest.fixture
async def forge(tmp_path: Path) -> AsyncIterator[tuple[Hosted, Door, list[Instance]]]:
    """The forge, its door, and a place for whom the door strikes when it is told where."""
    prey: list[Instance] = []
    points = Points(
        tmp_path / "passed", {}, strike=lambda _: prey[-1].send(signal.SIGKILL)
    )  # fmt: skip
    source = make_repository(tmp_path / "source")
    async with forge_with_a_door(tmp_path / "forge", source, SystemClock(), points) as (at, door):
        yield at, door, prey


async def test_a_gatekeeper_is_killed_between_writing_and_hearing_of_it_and_the_next_one_goes_on(
    start: Start, forge: tuple[Hosted, Door, list[Instance]], amqp: World, amqp_vhost: str
) -> None:
    hosted, door, prey = forge
    given = _of_gatekeeper(hosted)
    active, stands_by = await _pair(start, "gatekeeper", given, given)
    reader = open_reader(
        hosted.address(), token=lambda: hosted.token("reader"), clock=SystemClock()
    )
    repo = (await reader.repository()).repo
    tip = await reader.branch_sha("main")
    request = _request(repo, tip or "")
    scheduler, agent, ingest = map(amqp.service, ("scheduler", "pm-agent", "github-ingest"))
    async with watched(amqp_vhost, "gate.#") as box, running(scheduler, agent, ingest):
        door.points.aim({f"forge {CREATED} after": 1})
        prey.append(active)
        await amqp.tell(scheduler, request)
        await amqp.tell(agent, IssuesProposed(
            repo=repo, run=request.run, generation=1, proposals=(proposal(),)
        ))  # fmt: skip
        active = await _taken_over(door, active, stands_by)
        said = await _until_said(box, "gate.issue.opened.v1")

        stands_by = await start("gatekeeper", **given)
        await stands_by.said("standing_by")
        door.points.aim({f"forge {COMMENTED} after": 1})
        prey.append(active)
        await act(hosted, "POST", "/issues/1/labels", {"labels": ["approved"]})
        issue = await reader.issue(1)
        assert issue is not None
        await amqp.tell(ingest, IssueObserved(repo=repo, issue=issue, source="poll"))
        active = await _taken_over(door, active, stands_by)
        said |= await _until_said(box, "gate.issue.approved.v1")
        active.send(signal.SIGTERM)
        assert await active.ended() == 0
        said |= {_named(box.get_nowait()) for _ in range(box.qsize())}
    await reader.close()
    topics = Counter(topic for topic, _ in said)
    assert topics["gate.issue.opened.v1"] == topics["gate.issue.approved.v1"] == 1
    assert topics["gate.draft.refused.v1"] == 0
    writes = Counter(each.path.rpartition("/")[2] for each in hosted.local.forge.witness.write_log
                     if each.who == f"{FLEET_SLUG}[bot]" and each.method == "POST")  # fmt: skip
    assert (writes["issues"], writes["comments"]) == (1, 1)


async def test_a_github_ingest_is_killed_while_it_looks_and_each_fact_is_observed_once(
    start: Start, forge: tuple[Hosted, Door, list[Instance]], amqp: World, amqp_vhost: str
) -> None:
    hosted, _, _ = forge
    ports = free_ports(2)
    active, stands_by = await _pair(
        start, "github_ingest", *(_of_ingest(hosted, port) for port in ports)
    )
    heard: list[IssueObserved] = []

    def hear(message: IssueObserved, at: Handling) -> None:
        heard.append(message)

    gate = amqp.service("gatekeeper")
    gate.hears(hear)
    async with watched(amqp_vhost, IssueObserved.topic) as box, running(gate):
        assert not await _listens(ports[1])
        hosted.hook(f"http://127.0.0.1:{ports[0]}{PATH}", SECRET)
        filing = asyncio.ensure_future(_file(hosted, ISSUES))
        await until(lambda: len(heard) >= ISSUES // 4)
        active.send(signal.SIGKILL)
        hosted.hook(f"http://127.0.0.1:{ports[1]}{PATH}", SECRET)
        await stands_by.said("service_started")
        assert not await _listens(ports[0])
        await filing
        await until(lambda: len(heard) >= ISSUES)
        await _file(hosted, 1)
        await until(lambda: len(heard) > ISSUES)
        stands_by.send(signal.SIGTERM)
        assert await stands_by.ended() == 0
        await amqp.settle(gate)
    assert sorted(each.issue.number for each in heard) == list(range(1, ISSUES + 2))
    assert heard[-1].source == "webhook"
    said = [box.get_nowait() for _ in range(box.qsize())]
    assert len({each.message_id for each in said}) == ISSUES + 1


async def test_a_console_is_killed_while_it_writes_and_each_event_is_one_row(
    start: Start, amqp: World, tmp_path: Path
) -> None:
    ports = free_ports(2)
    active, stands_by = await _pair(
        start, "console", *({"GATEFLEET_CONSOLE_PORT": port} for port in ports)
    )
    assert await _page(ports[0], tmp_path) == 200
    assert not await _listens(ports[1])
    gate = amqp.service("gatekeeper")
    async with running(gate):
        await amqp.tell(gate, *(stopped(str(number)) for number in range(EVENTS)))
        while len(_rows(tmp_path)) < EVENTS // 4:
            await asyncio.sleep(0)
        active.send(signal.SIGKILL)
        left = EVENTS - len(_rows(tmp_path))
        await stands_by.said("service_started")
        assert await _page(ports[1], tmp_path) == 200
        assert not await _listens(ports[0])
        await amqp.tell(gate, stopped("last"))
        while len(_rows(tmp_path)) < EVENTS + 1:
            await asyncio.sleep(0)
        stands_by.send(signal.SIGTERM)
        assert await stands_by.ended() == 0
    rows = _rows(tmp_path)
    assert left > 0, "it was killed when all was done"
    assert len(rows) == len(set(rows)) == EVENTS + 1
    assert await amqp.dead() == []


async def test_a_second_agent_of_a_name_is_refused_in_its_folder_and_stands_by_in_another(
    start: Start, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path}/of-both.db"
    given = {"GATEFLEET_PM_AGENT_SANDBOX": "process", "GATEFLEET_PM_AGENT_INSTANCE": "north"}
    alone = await start("pm_agent", **given)
    await alone.said("service_started")
    second = await start("pm_agent", **given)
    assert await second.ended() == 2
    await second.said(f"in use by gatefleet run pm-agent, process {alone.process.pid}; stop")

    given["GATEFLEET_PM_AGENT_DATABASE_URL"] = database
    here, there = ({**given, "GATEFLEET_STATE": tmp_path / name} for name in ("here", "there"))
    active, stands_by = await _pair(start, "pm_agent", here, there, who="pm-agent:north")
    active.send(signal.SIGKILL)
    await stands_by.said("took_over")
    await stands_by.said("service_started")
    assert (await stands_by.get("/readyz")).status == 200


async def _pair(
    start: Start, module: str, first: Mapping[str, object], second: Mapping[str, object], *,
    who: str = "",
) -> tuple[Instance, Instance]:  # fmt: skip
    """The active one and the one that stands by, which says so to whoever asks."""
    name = module.replace("_", "-")
    who = who or f"{name}:1"
    active = await start(module, **first)
    await active.said("service_started")
    stands_by = await start(module, **second)
    assert f"active='{who}, process {active.process.pid}" in await stands_by.said("standing_by")
    assert (await active.get("/readyz")).status == 200
    asked = await stands_by.get("/readyz")
    assert (asked.status, (await stands_by.get("/healthz")).status) == (503, 200)
    assert asked.text.startswith(f"{name}: stands by; {who}, process ")
    assert "\ngatefleet_stands_by{" in (await stands_by.get("/metrics")).text
    return active, stands_by


async def _taken_over(door: Door, struck: Instance, stands_by: Instance) -> Instance:
    """Once the door has struck: the one that stood by, at work."""
    assert await struck.ended() == -signal.SIGKILL
    door.gone.set()
    await stands_by.said("took_over")
    await stands_by.said("service_started")
    door.gone.clear()
    return stands_by


async def _until_said(box: Box, topic: str) -> set[tuple[str, str]]:
    """All up to one of this topic. What was said before a kill may be said again, as the same."""
    found: set[tuple[str, str]] = set()
    while topic not in {each for each, _ in found}:
        found.add(_named(await box.get()))
    return found


def _named(message: AbstractIncomingMessage) -> tuple[str, str]:
    return message.routing_key or "", message.message_id or ""


def _of_gatekeeper(hosted: Hosted) -> dict[str, object]:
    own = "GATEFLEET_GATEKEEPER_"
    return {
        f"{own}REPOSITORY": f"{hosted.owner}/{hosted.name}", f"{own}FORGE_URL": hosted.url,
        f"{own}GIT_URL": hosted.url, f"{own}TOKEN": hosted.token("fleet"),
        f"{own}APP_ID": hosted.app_id, f"{own}APP_SLUG": FLEET_SLUG, f"{own}WRITE_SPACING_S": 0,
    }  # fmt: skip


def _of_ingest(hosted: Hosted, port: int) -> dict[str, object]:
    own = "GATEFLEET_GITHUB_INGEST_"
    return {
        f"{own}REPOSITORY": f"{hosted.owner}/{hosted.name}", f"{own}FORGE_URL": hosted.url,
        f"{own}TOKEN": hosted.token("reader"), f"{own}APP_ID": hosted.app_id,
        f"{own}APP_SLUG": FLEET_SLUG, f"{own}WEBHOOK_SECRET": SECRET, f"{own}PORT": port,
    }  # fmt: skip


def _request(repo: Repo, tip: str) -> ProposalsRequested:
    return ProposalsRequested(
        repo=repo, run=UUID(int=1), generation=1, lease_s=60.0, quota=3, base_sha=tip,
        limits=RunLimits(timeout_s=60, bundle_bytes=1 << 20), policy=dump(Policy()),
        policy_digest=digest(Policy()), default_branch="main",
    )  # fmt: skip


async def _file(hosted: Hosted, count: int) -> None:
    """A person's issues, one after the other."""
    for number in range(count):
        await act(hosted, "POST", "/issues", {"title": f"Issue {number}", "body": "Please."})


async def _listens(port: int) -> bool:
    with suppress(ConnectionRefusedError):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        return True
    return False


async def _page(port: int, folder: Path) -> int:
    token = (folder / "state/console.token").read_text(encoding="utf-8").strip()
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}) as client:
        return (await client.get(f"http://127.0.0.1:{port}/openapi.json")).status_code


def _rows(folder: Path) -> list[str]:
    """The ids of the console's log."""
    database = f"file:{folder}/state/databases/console.db?mode=ro"
    with closing(sqlite3.connect(database, uri=True, timeout=30)) as log:
        return [str(row[0]) for row in log.execute("select id from events")]

"""`gatefleet publish` and `gatefleet tail`, on a broker and on a fleet without one."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.messages.content import RunEnd, RunKind
from shared.messages.custom import CustomEvent
from shared.messages.draft import IssuesProposed
from shared.messages.examples import AT
from shared.messages.gate import IssueOpened
from shared.messages.ids import proposals_run
from shared.messages.observed import RepositoryObserved
from shared.messages.work import EventAnswered, ProposalsRequested, RunEnded
from shared.store import Handling
from tests.bus.rabbit import Rabbit
from tests.bus.worlds import REPO, World, running, until
from tests.cli.consoles import alive, several, told
from tests.console.stories import like, said
from tests.services_at_hand import amqp_vhost

__all__ = ["amqp_vhost"]

Capture = pytest.CaptureFixture[str]
POLICY = """\
triggers:
  custom.sentry.alert:
    schema: {properties: {title: {type: string}}, required: [title]}
"""


@pytest.fixture
def rabbit(amqp_vhost: str) -> Rabbit:
    return Rabbit(amqp_vhost)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yml"
    path.write_text(POLICY)
    return path


@asynccontextmanager
async def fleet(rabbit: Rabbit, folder: Path) -> AsyncIterator[World]:
    """Who answers `sentry.alert` on a broker, with an issue at the end; others are not taken."""
    from shared.bus.amqp import AmqpDriver

    clock = SystemClock()
    world = World(
        lambda _: AmqpDriver(rabbit.url, clock, shared_identity=True), folder, clock,
        inject=rabbit.inject, parked=rabbit.parked,
    )  # fmt: skip
    scheduler, agent, gate = map(world.service, ("scheduler", "pm-agent", "gatekeeper"))

    def answer(message: CustomEvent, at: Handling) -> list[ProposalsRequested | EventAnswered]:
        if message.name != "sentry.alert":
            words = f"accepted; nobody listens: triggers: has no custom.{message.name}"
            return [like(EventAnswered, repo=REPO, event=at.id, run=None, answer=words)]
        run = proposals_run(REPO.id, str(at.id))
        words = "pm-agent was asked to look"
        return [
            like(EventAnswered, repo=REPO, event=at.id, run=run, answer=words),
            like(ProposalsRequested, repo=REPO, run=run),
        ]

    def propose(message: ProposalsRequested, at: Handling) -> list[IssuesProposed]:
        return [like(IssuesProposed, repo=REPO, run=message.run)]

    def write(message: IssuesProposed, at: Handling) -> list[IssueOpened]:
        return [like(IssueOpened, repo=REPO, run=message.run, issue=41, title="Mend \x1b[31mit")]

    def end(message: IssueOpened, at: Handling) -> list[RunEnded]:
        kind, done = RunKind.PROPOSALS, RunEnd.DONE
        return [like(RunEnded, repo=REPO, run=message.run, kind=kind, end=done, reason="")]

    scheduler.hears(answer, end)
    agent.hears(propose)
    gate.hears(write)
    async with running(scheduler, agent, gate):
        yield world


async def test_an_event_is_said_on_a_broker_and_what_came_of_it_is_told(
    rabbit: Rabbit, tmp_path: Path, capsys: Capture
) -> None:
    arguments = ("--repo", "octo/hello", "--bus", rabbit.url, "--wait")
    async with fleet(rabbit, tmp_path):
        capsys.readouterr()
        code = await told("publish", "custom.sentry.alert", "title=7", *arguments)
        lines = [line for line in capsys.readouterr().out.splitlines() if "[info" not in line]
        assert (code, lines[1:4]) == (0, [
            "pm-agent was asked to look", "pm-agent proposes 1 issue(s)", "octo/hello#41 Mend it",
        ])  # fmt: skip
        assert lines[-1].startswith("custom.sentry.alert → pm-agent → octo/hello#41 proposed (")
        code = await told("publish", "custom.else", *arguments)
        assert (code, capsys.readouterr().err.splitlines()[-1]) == (
            1, "accepted; nobody listens: triggers: has no custom.else",
        )  # fmt: skip
        code = await told("publish", "custom.sentry.alert", *arguments, "--output", "json")
        out = capsys.readouterr().out
        answer = json.loads(out[out.index("{\n") :])
        assert (code, answer["confirmed"], answer["taken"], answer["issues"]) == (
            0, True, True, [41],
        )  # fmt: skip


async def test_without_waiting_it_is_the_id_and_the_message_has_all_that_was_given(
    rabbit: Rabbit, tmp_path: Path, capsys: Capture
) -> None:
    heard: list[tuple[str, CustomEvent]] = []
    from shared.bus.amqp import AmqpDriver

    clock = SystemClock()
    world = World(
        lambda _: AmqpDriver(rabbit.url, clock, shared_identity=True), tmp_path, clock,
        inject=rabbit.inject, parked=rabbit.parked,
    )  # fmt: skip

    def note(message: CustomEvent, at: Handling) -> None:
        heard.append((str(at.id), message))

    work = world.service("scheduler")
    work.hears(note)
    async with running(work):
        capsys.readouterr()
        code = await told(
            "publish", "custom.sentry.alert", "user.name=ann", "count=7", "--json", '{"title": "x"}',
            "--repo", "octo/hello", "--bus", rabbit.url,
        )  # fmt: skip
        out = capsys.readouterr().out.split()
        await world.settle(work)
    assert (code, heard[0][0] in out) == (0, True)
    assert heard[0][1].data == {"title": "x", "user": {"name": "ann"}, "count": 7}
    assert (str(heard[0][1].repo), heard[0][1].repo.id) == ("octo/hello", "")


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("custom.sentry.alert", "--repo", "x"), 2, "is no repository; write it as OWNER/NAME"),
        (
            ("custom.sentry.alert", "--json", "nothing-here"),
            2,
            "--json: nothing-here: cannot be read",
        ),
        (("custom.sentry.alert", "--json", "[1]"), 2, "is not a JSON object"),
        (("gate.fleet.stopped", "why=x", "--wait"), 2, "only custom events are answered"),
        (("gate.fleet.stopped", "--repo", "o/r"), 2, "why: Field required"),
        (("custom.sentry.alert", "--repo", "o/r"), 1, "nobody has declared the exchange"),
    ],
)
async def test_what_is_wrong_is_one_line(
    arguments: tuple[str, ...], code: int, line: str, rabbit: Rabbit, capsys: Capture
) -> None:
    assert await told("publish", *arguments, "--bus", rabbit.url) == code
    err = capsys.readouterr().err
    assert (line in err, len(err.splitlines())) == (True, 1), err


async def test_the_policy_is_kept_before_anything_is_sent(policy: Path, capsys: Capture) -> None:
    nowhere = ("--bus", "amqp://127.0.0.1:1/", "--repo", "o/r", "--policy", str(policy))
    assert await told("publish", "custom.sentry.alert", "titel=x", *nowhere) == 2
    assert [line.split(";")[0] for line in capsys.readouterr().err.splitlines()] == [
        "gatefleet: custom.sentry.alert.title is missing",
        "gatefleet: custom.sentry.alert.titel is not a field of this event",
    ]
    assert await told("publish", "custom.sentry.alert", "title=x", *nowhere) == 1
    assert "broker 127.0.0.1:1: does not answer" in capsys.readouterr().err


async def test_without_a_broker_and_without_a_fleet_it_says_what_to_start(
    tmp_path: Path, capsys: Capture
) -> None:
    for command in (("publish", "custom.x"), ("tail",)):
        assert await told(*command, "--state", str(tmp_path)) == 1
        assert "start `gatefleet up`" in capsys.readouterr().err


async def test_a_fleet_without_a_broker_takes_it_through_its_console(
    tmp_path: Path, capsys: Capture
) -> None:
    form = {"properties": {"title": {"type": "string"}}, "required": ["title"]}
    policy = like(RepositoryObserved).policy | {"triggers": {"custom.a": {"schema": form}}}
    later = AT + timedelta(hours=1)
    words = (*several(), *said(like(RepositoryObserved, policy=policy), start=later))
    where = ("--state", str(tmp_path))
    async with alive(tmp_path, words) as here:
        capsys.readouterr()
        assert await told("publish", "custom.a", "titel=1", *where) == 2
        assert "custom.a.title is missing" in capsys.readouterr().err
        assert await told("publish", "gate.fleet.stopped", "why=x", *where) == 1
        assert "only custom events can be said" in capsys.readouterr().err
        assert await told("publish", "custom.a", "title=1", "--repo", "no/where", *where) == 2
        assert "works on octo/hello" in capsys.readouterr().err
        assert await told("publish", "custom.a", "title=1", "--repo", "Octo/Hello", *where) == 0
        await until(lambda: here.bus.published.get("custom.a.v1") == 1)
        code = await told("publish", "custom.b", "--wait", "--timeout", "0.3", *where)
        assert (code, "no answer within" in capsys.readouterr().err) == (1, True)

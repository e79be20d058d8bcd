"""`gatefleet bus user`: on a broker that was set up from our definitions, with its management address."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aio_pika
import httpx
import pytest
from aiormq.exceptions import AMQPError, ChannelAccessRefused

from services.cli.bus.management import Management
from services.cli.commands import run
from services.docs.parties import built
from shared.bus import amqp_names as names
from shared.bus.amqp import AmqpDriver
from shared.bus.topology import member_of, topology
from shared.bus.users import CAME_OF_IT, OF_CUSTOM_EVENTS, added_user
from shared.errors import Refused, TryLater
from shared.messages.custom import CustomEvent
from shared.messages.gate import FleetStopped
from shared.store import Handling
from tests.bus.managed_node import ManagedNode, managed_node
from tests.bus.rabbit import Rabbit, world_on
from tests.bus.worlds import REPO, running, until

OURS = topology(map(member_of, built()))


@dataclass(frozen=True)
class SetUp:
    """The node and the passwords that our command made."""

    node: ManagedNode
    passwords: Path

    def url(self, user: str) -> str:
        """AMQP, as one of the users in the definitions."""
        return self.node.url_of(user, self._password(user))

    def management(self, user: str = "admin") -> str:
        """HTTP, the same."""
        return self.node.management(user, self._password(user))

    def _password(self, user: str) -> str:
        return (self.passwords / user).read_text().strip()


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SetUp]:
    """As somebody would: write the definitions, start the broker with them."""
    file = tmp_path_factory.mktemp("broker") / "definitions.json"
    assert run(["topology", "--definitions", str(file), "--admin"]) == 0
    with managed_node(file) as node:
        yield SetUp(node, file.with_suffix(".passwords"))


@pytest.fixture
def broker(set_up: SetUp, monkeypatch: pytest.MonkeyPatch) -> SetUp:
    """Named by the environment, as the command wants it."""
    monkeypatch.setenv("GATEFLEET_BUS_MANAGEMENT_URL", set_up.management())
    monkeypatch.setenv("GATEFLEET_BUS", set_up.node.url_of("someone", "else"))
    return set_up


@pytest.fixture
def sentry(broker: SetUp, capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    """The URL of a user that was added, and is removed again."""
    assert run(["bus", "user", "add", "sentry", "--says", "custom.sentry"]) == 0
    yield capsys.readouterr().out.splitlines()[-1]
    run(["bus", "user", "remove", "sentry"])


async def _says(url: str, key: str, exchange: str = names.EXCHANGE) -> bool:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=False)
        target = await channel.get_exchange(exchange, ensure=False)
        try:
            await target.publish(aio_pika.Message(b"{}"), key)
        except ChannelAccessRefused:
            return False
        return True


async def _hears(url: str, queue: str, key: str) -> bool:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        try:
            made = await channel.declare_queue(queue, exclusive=True)
            await made.bind(names.EXCHANGE, key)
        except ChannelAccessRefused:
            return False
        return True


def _line(capsys: pytest.CaptureFixture[str]) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_a_broker_that_starts_with_the_definitions_has_every_queue(broker: SetUp) -> None:
    with httpx.Client(auth=("admin", (broker.passwords / "admin").read_text().strip())) as client:
        address = f"http://127.0.0.1:{broker.node.management_port}/api/queues/%2F"
        found = {each["name"]: each for each in client.get(address).json()}
    lasting = {queue.name: names.queue_arguments(queue) for queue in OURS.lasting}
    shared = {place.name: place.queue for place in names.PLACES if place.queue is not None}
    assert {name: each["arguments"] for name, each in found.items()} == lasting | shared
    assert {each["type"] for each in found.values()} == {"quorum"}


async def test_every_user_of_the_definitions_comes_in_with_its_password(broker: SetUp) -> None:
    for user in OURS.users:
        async with await aio_pika.connect(broker.url(user.name)) as connection:
            assert not connection.is_closed


async def test_a_user_that_was_added_says_its_topics_and_nothing_else(sentry: str) -> None:
    said = {
        key: await _says(sentry, key)
        for key in (
            "custom.sentry.v1", "custom.sentry.alert.v1", "custom.sentry", "custom.sentrys.v1",
            "custom.other.v1", "custom.v1", "gate.issue.approved.v1", "work.run.ended.v1",
        )
    }  # fmt: skip
    assert [key for key, taken in said.items() if taken] == [
        "custom.sentry.v1", "custom.sentry.alert.v1", "custom.sentry",
    ]  # fmt: skip
    assert not await _says(sentry, f"scheduler.{CAME_OF_IT[0]}", exchange="")
    assert not await _says(sentry, "scheduler.custom.#", exchange=names.RETURN)


async def test_a_user_that_was_added_hears_what_came_of_its_events_alone(sentry: str) -> None:
    assert [topic for topic in CAME_OF_IT if not await _hears(sentry, "tail.sentry.x", topic)] == []
    for key in ("#", "custom.#", "draft.change.proposed.v1", "work.event.#"):
        assert not await _hears(sentry, "tail.sentry.x", key)
    for queue in ("tail.operator.x", "scheduler.x", "sentry.x", "tail.sentryx"):
        assert not await _hears(sentry, queue, CAME_OF_IT[0])


def test_the_url_is_printed_once_and_the_list_tells_what_it_may_say(
    sentry: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sentry.startswith("amqp://sentry:")
    assert run(["bus", "user", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    users = {each["name"]: each for each in listed["users"]}
    assert set(users) == {user.name for user in OURS.users} | {"admin", "sentry"}
    assert users["sentry"] == {
        "name": "sentry", "who": "added", "says": r"^(custom\.sentry)(\..*)?$",
        "hears": added_user("sentry", ["custom.sentry"]).topics[0].read,
        "tags": OF_CUSTOM_EVENTS,
    }  # fmt: skip
    assert users["scheduler"]["who"] == "service"
    assert run(["bus", "user", "list"]) == 0
    assert "sentry" in capsys.readouterr().out


def test_a_name_that_is_taken_is_not_given_again(
    sentry: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bus", "user", "add", "sentry", "--says", "custom.sentry"]) == 1
    assert "gatefleet bus user remove sentry" in _line(capsys)


async def test_a_user_with_queues_of_its_own_works_there_as_a_service_does(
    broker: SetUp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It tries again by the retry tiers, says its event, and comes to nobody else's."""
    said = run(["bus", "user", "add", "helper", "--says", "custom.helper",
                "--hears", FleetStopped.topic])  # fmt: skip
    assert said == 0
    url = capsys.readouterr().out.splitlines()[-1]
    world = world_on(Rabbit(broker.url("operator")), tmp_path)
    world.make_driver = lambda name: AmqpDriver(
        url if name == "helper" else broker.url(name), world.clock
    )
    attempts: list[int] = []
    heard: list[str] = []

    def help_out(message: FleetStopped, at: Handling) -> list[CustomEvent]:
        attempts.append(len(attempts))
        if len(attempts) == 1:
            raise TryLater("not yet")
        return [CustomEvent(repo=REPO, name="helper.told", data={"why": message.why})]

    def note(message: CustomEvent, at: Handling) -> None:
        heard.append(message.name)

    gate, helper, work = map(world.service, ("gatekeeper", "helper", "scheduler"))
    helper.hears(help_out)
    work.hears(note)
    async with running(gate, helper, work):
        await world.say(gate, "all")
        await until(lambda: bool(heard))
    assert (len(attempts), heard) == (2, ["helper.told"])
    for key in ("#", "gate.#", "draft.change.proposed.v1"):
        assert not await _hears(url, "helper.x", key)
    assert not await _hears(url, "gatekeeper.x", FleetStopped.topic)
    assert not await _says(url, FleetStopped.topic)
    assert not await _says(url, "custom.other.v1")
    capsys.readouterr()
    assert run(["bus", "user", "remove", "helper"]) == 0
    queue = f"helper.{FleetStopped.topic}"
    assert capsys.readouterr().out.splitlines()[1:] == [
        f"its queues are there still, and fill: {queue}",
        f"→ rabbitmqctl delete_queue {queue} -p /",
    ]
    broker.node.ctl("delete_queue", queue)


async def test_a_removed_user_is_not_let_in_any_more(
    broker: SetUp, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bus", "user", "add", "brief", "--says", "custom.brief", "--json"]) == 0
    url = json.loads(capsys.readouterr().out)["url"]
    assert await _says(url, "custom.brief.v1")
    assert run(["bus", "user", "remove", "brief"]) == 0
    with pytest.raises(AMQPError):
        await _says(url, "custom.brief.v1")


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["add", "scheduler", "--says", "custom.x"], "scheduler: the name of a service", 2),
        (["add", "operator", "--says", "custom.x"], "operator: the name of a service or of", 2),
        (["add", "Sentry", "--says", "custom.x"], "Sentry: no name for a user", 2),
        (["add", "a.b", "--says", "custom.x"], "a.b: no name for a user", 2),
        (["add", "sentry", "--says", "gate.issue"], "--says gate.issue: a user of custom", 2),
        (["add", "sentry", "--says", "custom"], "--says custom: a user of custom events", 2),
        (["add", "sentry", "--says", "custom.(x|y)"], "--says custom.(x|y): a user of", 2),
        (["add", "sentry"], "Missing option '--says'", 2),
        (["add", "x", "--says", "custom.x", "--hears", "gate.issue"], "--hears gate.issue: no", 2),
        (
            ["add", "x", "--says", "custom.x", "--hears", "draft.change.proposed.v1"],
            "--hears draft.change.proposed.v1: a draft is for the gatekeeper alone",
            2,
        ),
        (["remove", "scheduler"], "scheduler: a user of the fleet itself", 1),
        (["remove", "admin"], "admin: a user of the fleet itself", 1),
        (["remove", "nobody"], "nobody: the broker has no such user", 1),
        (["add", "x", "--says", "custom.x", "--vhost", "nowhere"], "nowhere: the broker has no", 1),
    ],
)
def test_what_cannot_be_is_one_line(
    arguments: list[str], said: str, code: int, broker: SetUp, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["bus", "user", *arguments]) == code
    assert f"gatefleet: {said}" in _line(capsys)


def test_a_user_that_somebody_else_made_is_not_removed(
    broker: SetUp, capsys: pytest.CaptureFixture[str]
) -> None:
    with httpx.Client(auth=("admin", (broker.passwords / "admin").read_text().strip())) as client:
        address = f"http://127.0.0.1:{broker.node.management_port}/api/users/theirs"
        client.put(address, json={"password": "x", "tags": ""}).raise_for_status()
    assert run(["bus", "user", "remove", "theirs"]) == 1
    assert "theirs: not made by" in _line(capsys)


def test_a_user_that_cannot_be_made_whole_is_not_left_half_made(broker: SetUp) -> None:
    """Without its topic permissions it could say everything."""

    class NoTopics(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if "topic-permissions" in request.url.path:
                return httpx.Response(500, json={"reason": "not today"}, request=request)
            return super().handle_request(request)

    url = broker.management()
    with (
        Management(url, "/", transport=NoTopics()) as client,
        pytest.raises(Refused, match="not today"),
    ):
        client.make(added_user("half", ["custom.half"]), "x")
    with Management(url, "/") as client:
        assert client.user("half") is None


def test_who_is_no_administrator_is_told_so(
    broker: SetUp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEFLEET_BUS_MANAGEMENT_URL", broker.management("custom"))
    assert run(["bus", "user", "list"]) == 1
    line = _line(capsys)
    assert "does not let custom do that" in line
    assert "tagged administrator" in line
    assert (broker.passwords / "custom").read_text().strip() not in line


def test_another_page_at_that_address_is_told(
    broker: SetUp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = broker.management() + "/nowhere"
    monkeypatch.setenv("GATEFLEET_BUS_MANAGEMENT_URL", url)
    assert run(["bus", "user", "list"]) == 1
    assert "no management address of RabbitMQ" in _line(capsys)

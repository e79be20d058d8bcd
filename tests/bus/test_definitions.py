"""The definitions file and the permissions in it: as values, without a broker."""

import hashlib
import json
import re
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import pytest

from services.cli.commands import run
from shared.bus import amqp_names as names
from shared.bus.authority import SAYS, may_say
from shared.bus.definitions import definitions, password_hash
from shared.bus.users import EVERYTHING, User, added_user, admin_user
from shared.errors import BadInput
from shared.messages import CATALOGUE
from shared.messages.work import EventAnswered
from tests.bus.identities import OURS, SERVICES, USERS

PASSWORDS = {name: f"password of {name}" for name in USERS}
WHOLE = definitions(OURS, PASSWORDS, vhost="fleet")
TOPIC_EXCHANGES = [place.name for place in OURS.places if place.kind == "topic"]
OTHER_NAMES = [
    "", "amq.default", "amq.topic", "gatefleetx", "gatefleet.return", "gatefleet.dead", "tail.x",
    "gatefleet.retry.500", "scheduler", "schedulers.x", "gatekeeper.x", "tail.operator.x",
]  # fmt: skip


def test_every_user_has_a_topic_permission_on_every_topic_exchange() -> None:
    """A user without any on an exchange may write every key of it."""
    given = {(each["user"], each["exchange"]) for each in WHOLE["topic_permissions"]}
    assert given == {(user, exchange) for user in USERS for exchange in TOPIC_EXCHANGES}
    assert len(WHOLE["topic_permissions"]) == len(given)


@pytest.mark.parametrize("user", OURS.users, ids=lambda user: user.name)
def test_nobody_may_use_the_default_exchange_or_what_is_anothers(user: User) -> None:
    for pattern in (user.configure, user.write, user.read):
        assert not _fits(pattern, "amq.default")
        assert not _fits(pattern, "")
    allowed = {name for name in OTHER_NAMES if _fits(user.configure, name)}
    own = (f"{user.name}.", f"tail.{user.name}.")
    assert [name for name in allowed if not name.startswith(own)] == []


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_writes_its_own_words_and_reads_the_topics_of_its_queues(name: str) -> None:
    right = next(each for each in USERS[name].topics if each.exchange == names.EXCHANGE)
    member = next(each for each in OURS.members if each.name == name)
    heard = {topic for queue in member.queues for topic in queue.topics}
    assert {topic for topic in CATALOGUE if _fits(right.write, topic)} == {
        topic for topic in CATALOGUE if may_say(name, topic)
    }
    assert {topic for topic in (*CATALOGUE, "#", "gate.#") if _fits(right.read, topic)} == heard


def test_the_users_of_people_are_named_as_their_tools_expect() -> None:
    custom, operator = USERS["custom"], USERS["operator"]
    assert (custom.configure, custom.write, custom.read) == (
        r"^tail\.custom\..*$", r"^(gatefleet|tail\.custom\..*)$", r"^(gatefleet|tail\.custom\..*)$",
    )  # fmt: skip
    assert operator.configure == r"^tail\.operator\..*$"
    assert [n for n in OTHER_NAMES if _fits(operator.write, n)] == [
        "gatefleet.return", "gatefleet.dead", "tail.operator.x",
    ]  # fmt: skip
    assert [n for n in OTHER_NAMES if _fits(operator.read, n)] == [
        "gatefleet.dead", "tail.operator.x",
    ]  # fmt: skip
    assert operator.topics[0].read == operator.topics[0].write == EVERYTHING
    assert operator.tags == ("impersonator",)


def test_a_user_that_is_added_has_exactly_its_topics() -> None:
    right = added_user("ci", ["custom.ci", "custom.build.done"]).topics[0]
    said = ["custom.ci", "custom.ci.v1", "custom.ci.x.v1", "custom.cix.v1", "customXci.v1",
            "custom.build.done.v1", "custom.build.v1", "custom.buildXdone", "gate.ci"]  # fmt: skip
    assert [key for key in said if _fits(right.write, key)] == [
        "custom.ci", "custom.ci.v1", "custom.ci.x.v1", "custom.build.done.v1",
    ]  # fmt: skip


@pytest.mark.parametrize("name", [*SAYS, "custom", "operator", "admin", "guest", "A", "a.b", "1a",
                                  "a" * 41, "", "a_b", "tail.*", "amq", "gatefleet", "tail"])  # fmt: skip
def test_names_that_are_no_persons_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match=r": (no name|the name|names)"):
        added_user(name, ["custom.x"])


@pytest.mark.parametrize("topic", ["gate", "gate.issue", "custom", "custom.", "custom.#", "custom.*",
                                   "custom.a..b", "custom.A", "xcustom.a", "custom.a|gate"])  # fmt: skip
def test_words_other_than_custom_are_refused(topic: str) -> None:
    with pytest.raises(BadInput, match=r"^--says "):
        added_user("ci", ["custom.fine", topic])


def test_a_user_that_hears_has_its_own_queues_and_nobody_elses() -> None:
    user = added_user("ci", ["custom.ci"], ["gate.issue.presented.v1", "custom.build.done.v1"])
    named = ["ci.gate.issue.presented.v1", "ci.1.x", "tail.ci.x", "cix.y", "ci", "scheduler.x",
             "gatefleet", "gatefleet.return", "gatefleet.dead", "gatefleet.retry.500",
             "amq.default", "amq.topic", "tail.operator.x"]  # fmt: skip
    own = ["ci.gate.issue.presented.v1", "ci.1.x", "tail.ci.x"]
    assert [name for name in named if _fits(user.configure, name)] == own
    assert [name for name in named if _fits(user.read, name)] == [
        *own, "gatefleet", "gatefleet.return",
    ]  # fmt: skip
    assert [name for name in named if _fits(user.write, name)] == [
        *own, "gatefleet", "gatefleet.dead", "gatefleet.retry.500",
    ]  # fmt: skip
    said, back = user.topics
    assert said.write == added_user("ci", ["custom.ci"]).topics[0].write
    heard = ["gate.issue.presented.v1", "custom.build.done.v1", "gate.issue.approved.v1",
             "draft.change.proposed.v1", "#", "gate.#", "gate.issue.presented.v1.x"]  # fmt: skip
    assert [key for key in heard if _fits(said.read, key)] == heard[:2]
    assert (back.write, back.read) == ("^$", r"^(ci\..*)$")


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("draft.change.proposed.v1", "a draft is for the gatekeeper alone"),
        ("draft.review.proposed.v1", "a draft is for the gatekeeper alone"),
        ("draft.run.finished.v1", "a draft is for the gatekeeper alone"),
        ("draft.change.proposed", "no topic; write it whole"), ("gate.issue.presented", "no topic"),
        ("gate.#", "no topic"), ("#", "no topic"), ("gate.issue.nonsense.v1", "no topic"),
        ("custom.a.*", "no topic"), ("custom.v1", "no topic"), ("custom.a.v1|gate", "no topic"),
    ],
)  # fmt: skip
def test_what_is_not_for_it_or_is_no_topic_is_not_heard(topic: str, said: str) -> None:
    with pytest.raises(BadInput, match=rf"^--hears .*: {said}"):
        added_user("ci", ["custom.ci"], [EventAnswered.topic, topic])


def test_a_password_is_kept_as_the_broker_does_and_is_the_same_again() -> None:
    kept = b64decode(password_hash("gatekeeper", "x"))
    assert kept[4:] == hashlib.sha256(kept[:4] + b"x").digest()
    assert password_hash("gatekeeper", "x") == password_hash("gatekeeper", "x")
    assert password_hash("gatekeeper", "x") != password_hash("scheduler", "x")


def test_nothing_lasting_is_missing_and_no_instances_queue_is_there() -> None:
    found = {each["name"] for each in WHOLE["queues"]}
    assert found == {q.name for q in OURS.lasting} | {p.name for p in OURS.places if p.queue}
    assert not [name for name in found if "INSTANCE" in name or ".1." in name]
    bound = {(each["source"], each["destination"]) for each in WHOLE["bindings"]}
    for queue in OURS.lasting:
        assert {(names.EXCHANGE, queue.name), (names.RETURN, queue.name)} <= bound
    parts = [
        each for name, part in WHOLE.items() if name not in ("users", "vhosts") for each in part
    ]
    assert {each["vhost"] for each in parts} == {"fleet"}


def test_passwords_are_made_once_and_never_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, folder = tmp_path / "rabbitmq.json", tmp_path / "rabbitmq.passwords"
    assert run(["topology", "--definitions", str(file)]) == 0
    first = file.read_text()
    kept = {path.name: path.read_text().strip() for path in folder.iterdir()}
    assert set(kept) == set(USERS)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(set(kept.values())) == len(kept)
    assert run(["topology", "--definitions", str(file)]) == 0
    assert file.read_text() == first
    shown = "".join(capsys.readouterr()) + first
    assert [name for name, password in kept.items() if password in shown] == []


def test_definitions_go_to_stdout_and_the_administrator_is_there_when_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["topology", "--definitions", "-", "--passwords", str(tmp_path), "--vhost", "x"]
    assert run(given) == 0
    without = json.loads(capsys.readouterr().out)
    assert run([*given, "--admin"]) == 0
    whole = json.loads(capsys.readouterr().out)
    added = [each for each in whole["users"] if each not in without["users"]]
    assert [(each["name"], each["tags"]) for each in added] == [("admin", ["administrator"])]
    assert whole["vhosts"] == [{"name": "x"}]
    passwords = {path.name: path.read_text().strip() for path in tmp_path.iterdir()}
    with_admin = replace(OURS, users=(*OURS.users, admin_user()))
    assert whole == definitions(with_admin, passwords, vhost="x")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--definitions", "-"], "--definitions -: say with --passwords DIR where the users'"),
        (["--admin"], "--admin says something of --definitions FILE; name the file, too"),
        (["--vhost", "x"], "--vhost says something of --definitions FILE; name the file, too"),
        (["--definitions", "{empty}/no/x", "--passwords", "{full}"], "{empty}/no/x: cannot be"),
        (["--definitions", "x", "--passwords", "{full}/x"], "{full}/x/github-ingest: the password"),
        (["--definitions", "-", "--passwords", "{empty}"], "{empty}/console: the password of"),
    ],
)
def test_what_cannot_be_written_is_one_line(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = {"empty": tmp_path / "empty", "full": tmp_path / "full"}
    for name, folder in folders.items():
        folder.mkdir()
        for user in USERS:
            (folder / user).write_text("" if (name, user) == ("empty", "console") else "x")
    (folders["full"] / "x").write_text("no folder")
    assert run(["topology", *(each.format_map(folders) for each in arguments)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"gatefleet: {said.format_map(folders)}")


def _fits(pattern: str, name: str) -> bool:
    """As the broker does: a search, so that what is not anchored fits anywhere."""
    return re.search(pattern, name) is not None

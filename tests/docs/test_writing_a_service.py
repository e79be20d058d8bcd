"""The page for strangers names only files, commands, functions, topics and rights that are there."""

import re
import shlex
from dataclasses import dataclass
from uuid import uuid4

import pytest
import typer

from services.cli.commands import app
from shared.bus.driver import Queue
from shared.bus.users import User, added_user, service_user
from shared.messages import CATALOGUE, wire
from shared.messages.work import IssueParked
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs/writing-a-service.md").read_text(encoding="utf-8")
LINES = [line for line in PAGE.splitlines() if line.startswith("$ ")]


@dataclass(frozen=True)
class Asked:
    """What a line of the page asks for."""

    says: list[str]
    hears: list[str]

    def made(self, name: str) -> User:
        """The user that the command makes."""
        return added_user(name, self.says, self.hears)


def _users() -> dict[str, Asked]:
    found = {}
    for line in LINES:
        if line.startswith("$ gatefleet bus user add "):
            name, *options = shlex.split(line)[5:]
            pairs = list(zip(options[::2], options[1::2], strict=True))
            assert {option for option, _ in pairs} <= {"--says", "--hears"}
            found[name] = Asked(
                [value for option, value in pairs if option == "--says"],
                [value for option, value in pairs if option == "--hears"],
            )
    return found


USERS = _users()
HEARS = ("gate.issue.presented.v1", "gate.pull_request.evaluated.v1")


def test_every_link_leads_to_a_file() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert len(links) >= 8
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def test_every_file_it_names_is_there() -> None:
    named = set(re.findall(r"(?:docs|shared|packages|tests)/[\w./-]+\w", PAGE))
    named |= {f"docs/examples/{name}" for name in re.findall(r"`(\w+\.py)`", PAGE)}
    assert len(named) >= 8
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_example_is_on_the_page() -> None:
    there = {path.name for path in (ROOT / "docs/examples").glob("*.py")}
    assert there == set(re.findall(r"\(examples/(\w+\.py)\)", PAGE))


def test_every_command_of_ours_is_one() -> None:
    commands = set(re.findall(r"`gatefleet ([a-z][a-z ]*[a-z])", PAGE))
    assert commands == {"bus user add", "topology"}
    for command in commands:
        group: object = typer.main.get_group(app)
        for word in command.split():
            group = vars(group)["commands"][word]
    assert "wheels:" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_every_topic_and_every_function_of_the_wire_is_one() -> None:
    topics = set(re.findall(r"`((?:draft|gate|work)\.[a-z_.]+\.v\d)`", PAGE))
    assert topics <= set(CATALOGUE)
    names = set(re.findall(r"`(?:gatefleet_messages\.)?wire\.(\w+)", PAGE))
    assert names == {"queue_arguments", "seal", "properties"}
    assert [name for name in names if not callable(getattr(wire, name))] == []
    assert set(re.findall(r"`(x-gatefleet-\w+)`", PAGE)) <= set(wire.HEADERS)


def test_the_users_on_the_page_hear_what_their_examples_hear() -> None:
    assert {name: sorted(user.hears) for name, user in USERS.items()} == {
        "notifier": sorted(HEARS), "escalation": [IssueParked.topic],
    }  # fmt: skip


def test_a_user_of_the_page_has_the_names_of_a_service() -> None:
    """What it may say differs, and that it may listen as `gatefleet tail` does."""
    queues = [Queue(wire.queue_name("notifier", topic), (topic,)) for topic in HEARS]
    service, user = service_user("notifier", queues), USERS["notifier"].made("notifier")
    tail = r"|tail\.notifier\..*"
    for theirs, ours in ((service.configure, user.configure), (service.write, user.write),
                         (service.read, user.read)):  # fmt: skip
        assert sorted(_names(theirs)) == sorted(set(_names(ours)) - set(_names(tail)))
    assert service.topics[1] == user.topics[1]
    assert set(_names(service.topics[0].read)) < set(_names(user.topics[0].read))
    assert user.topics[0].write == r"^(custom\.notifier)(\..*)?$"


@pytest.mark.parametrize("line", [line for line in LINES if "docs/" in line])
def test_a_line_to_type_names_a_file(line: str) -> None:
    files = [word for word in line.split() if word.startswith("docs/")]
    assert files
    assert [name for name in files if not (ROOT / name).is_file()] == []


def _names(pattern: str) -> list[str]:
    return [each for each in re.sub(r"^\^\(|\)\$$", "", pattern).split("|") if each]


def rights(vhost: str) -> tuple[str, list[list[str]]]:
    """A user of a test's own with the rights of the page's notifier, and the calls of rabbitmqctl that
    make it on a vhost with the password SECRET."""
    name = f"test-notifier-{uuid4().hex[:8]}"
    user = USERS["notifier"].made("notifier")
    return name, [
        ["add_user", name, "SECRET"],
        ["set_permissions", "-p", vhost, name, user.configure, user.write, user.read],
        *(["set_topic_permissions", "-p", vhost, name, each.exchange, each.write, each.read]
          for each in user.topics),
    ]  # fmt: skip

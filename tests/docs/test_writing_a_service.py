"""The page for strangers names only files, commands, functions, topics and rights that are there."""

import re
import shlex
from uuid import uuid4

import pytest
import typer

from services.cli.commands import app
from shared.bus.driver import Queue
from shared.bus.users import service_user
from shared.messages import CATALOGUE, wire
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs/writing-a-service.md").read_text(encoding="utf-8")
LINES = [line for line in PAGE.splitlines() if line.startswith("$ ")]
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


def test_the_rights_on_the_page_are_those_of_a_service() -> None:
    queues = [Queue(wire.queue_name("notifier", topic), (topic,)) for topic in HEARS]
    user = service_user("notifier", queues)
    said = [shlex.split(line)[2:] for line in LINES if "rabbitmqctl" in line]
    assert said == [
        ["add_user", "notifier", "SECRET"],
        ["set_permissions", "notifier", user.configure, user.write, user.read],
        *(["set_topic_permissions", "notifier", each.exchange, each.write, each.read]
          for each in user.topics),
    ]  # fmt: skip


@pytest.mark.parametrize("line", [line for line in LINES if "docs/" in line])
def test_a_line_to_type_names_a_file(line: str) -> None:
    files = [word for word in line.split() if word.startswith("docs/")]
    assert files
    assert [name for name in files if not (ROOT / name).is_file()] == []


def rights(vhost: str) -> tuple[str, list[list[str]]]:
    """A user of a test's own, and the commands of the page that make it on a vhost."""
    name = f"test-notifier-{uuid4().hex[:8]}"
    made = []
    for line in LINES:
        if "rabbitmqctl" in line:
            command, _, *rest = shlex.split(line)[2:]
            on = [] if command == "add_user" else ["-p", vhost]
            made.append([command, *on, name, *rest])
    return name, made

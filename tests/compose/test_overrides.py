"""The overrides of compose.yaml: what each adds and takes away, as compose puts them together."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.compose.stack import AGENTS, ON_BUS, ROOT

pytestmark = pytest.mark.stack

ELSEWHERE = {
    "GATEFLEET_STACK_FORGE_URL": "https://api.github.com",
    "GATEFLEET_STACK_GIT_URL": "https://github.com",
    "GATEFLEET_STACK_REPOSITORY": "octo/hello",
}
BROKER = {"GATEFLEET_STACK_BROKER": "amqps://broker.example/team"}


def together(*files: str, **variables: str) -> dict[str, Any]:
    """The services of compose.yaml and these files, by name."""
    done = config(*files, **variables)
    assert done.returncode == 0, done.stderr
    services: dict[str, Any] = json.loads(done.stdout)["services"]
    return services


def config(*files: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    chosen = [part for file in ("compose.yaml", *files) for part in ("-f", file)]
    return subprocess.run(
        ["docker", "compose", *chosen, "config", "--format", "json"], cwd=ROOT, text=True,
        capture_output=True, check=False, env={"PATH": os.environ["PATH"], **variables},
    )  # fmt: skip


def test_the_root_file_and_the_one_below_say_the_same() -> None:
    below = subprocess.run(
        ["docker", "compose", "-f", "compose/compose.yaml", "config", "--services"],
        cwd=ROOT, text=True, capture_output=True, check=True, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert set(below.stdout.split()) == set(together())


def test_with_a_forge_elsewhere_the_stack_has_none_and_only_who_needs_it_gets_out() -> None:
    services = together("compose/forge-elsewhere.yaml", **ELSEWHERE)

    assert "local-forge" not in services
    out = {name for name, of in services.items() if "outside" in (of.get("networks") or {})}
    assert out == {"github-ingest", "gatekeeper", *AGENTS}
    assert services["github-ingest"]["environment"]["GATEFLEET_GITHUB_INGEST_WEBHOOKS"] == "false"


def test_with_a_broker_elsewhere_nobody_waits_for_the_stacks_own() -> None:
    services = together("compose/broker-elsewhere.yaml", **BROKER)

    assert "rabbitmq" not in services
    for name in ON_BUS:
        assert set(services[name]["depends_on"]) == {"setup"}
        assert "outside" in services[name]["networks"]


def test_with_postgresql_each_store_is_named_by_a_file_of_its_service() -> None:
    services = together("compose/postgres.yaml")

    stores = {
        name for name, of in services.items()
        if any(each.endswith("DATABASE_URL_FILE") for each in of.get("environment") or {})
    }  # fmt: skip
    assert stores == {"github-ingest", "gatekeeper", "scheduler", "console"}
    on_it = {name for name, of in services.items() if "store" in (of.get("networks") or {})}
    assert on_it == {*stores, "postgres"}


def test_with_a_swap_pm_agent_has_nothing_but_the_bus_and_its_own_secret() -> None:
    ours, swapped = together()["pm-agent"], together("compose/swap.yaml")["pm-agent"]

    assert set(swapped["networks"]) == {"bus"}
    assert not swapped.get("environment")
    assert swapped["security_opt"] == ["no-new-privileges:true"]
    assert [each["source"] for each in swapped["volumes"]] == ["pm-agent-secrets", "/dev/null"]
    for name in ("read_only", "cap_drop", "user", "restart", "init", "logging"):
        assert swapped[name] == ours[name], name


@pytest.mark.parametrize("file", ["compose/postgres.yaml", "compose/swap.yaml"])
def test_what_an_override_names_on_this_machine_is_there(file: str) -> None:
    services = together(file).values()

    mounts = [mount for of in services for mount in of.get("volumes") or ()]
    named = [Path(each["source"]) for each in mounts if each["type"] == "bind"]
    builds = [of["build"] for of in services if "build" in of]
    named += [Path(each["context"], each["dockerfile"]) for each in builds]
    assert len(named) > 2
    assert [str(path) for path in named if not path.exists()] == []


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("compose/forge-elsewhere.yaml", "GATEFLEET_STACK_FORGE_URL"),
        ("compose/broker-elsewhere.yaml", "GATEFLEET_STACK_BROKER"),
        ("compose/repository.yaml", "GATEFLEET_STACK_SOURCE"),
    ],
)
def test_an_override_without_what_it_needs_is_one_line_that_names_it(file: str, named: str) -> None:
    others = {name: text for name, text in ELSEWHERE.items() if name != named}
    done = config(file, **others)  # of several that are missing compose names any

    assert done.returncode != 0
    (line,) = done.stderr.strip().splitlines()
    assert named in line

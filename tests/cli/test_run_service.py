"""`gatefleet run SERVICE`: the same program as `python -m services.SERVICE`, and one way only."""

from importlib import import_module
from typing import get_args

import pytest

from services.cli.commands import run
from services.cli.run import Name
from shared.runtime.running import Program


@pytest.mark.parametrize("name", get_args(Name))
def test_every_service_can_be_run(name: str) -> None:
    module = import_module(f"services.{name.replace('-', '_')}.__main__")

    assert isinstance(module.PROGRAM, Program)


def test_one_service_on_the_memory_bus_is_refused_with_why_and_what_to_use(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["run", "scheduler", "--bus", "memory://"]) == 2

    assert capsys.readouterr().err == (
        "GATEFLEET_SCHEDULER_BUS: one service by itself needs a broker, amqp:// or amqps://; "
        "memory:// only connects services of one process\n"
    )


def test_a_service_that_does_not_exist_is_one_line_that_lists_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["run", "dev"]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert "'dev' is not one of 'github-ingest', 'gatekeeper', 'scheduler'" in line


def test_the_variables_of_a_service_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", "qa-agent", "--variables"]) == 0

    assert "GATEFLEET_QA_AGENT_BUS, else GATEFLEET_BUS" in capsys.readouterr().out


@pytest.mark.parametrize("limit", ["soon", "5", "0s", "-1m"])
def test_a_limit_that_is_no_duration_is_one_line(
    limit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["tick", f"--limit={limit}"]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"gatefleet: Invalid value for '--limit': '{limit}' is no")

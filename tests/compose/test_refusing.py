"""What cannot be is refused before anything is done, each in one line that says the mend."""

import subprocess
from pathlib import Path

import pytest

from tests.compose.conftest import IMAGE
from tests.compose.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]


def alone(*options: str, service: str) -> tuple[int, str]:
    """Exit code and stderr of a service in a container of its own, with no profile and no network."""
    name = service.upper().replace("-", "_")
    nowhere = f"GATEFLEET_{name}_BUS=amqp://x:y@127.0.0.1:1/"
    done = subprocess.run(
        ["docker", "run", "--rm", "--network", "none", "-e", nowhere, *options, IMAGE, "gatefleet",
         "run", service],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr.strip()


def test_without_its_profile_an_agent_refuses_to_work(stack: Stack) -> None:
    code, said = alone("-e", "GATEFLEET_DEV_AGENT_SANDBOX=bubblewrap", service="dev-agent")

    assert code == 2
    assert said.startswith("sandbox bubblewrap: it does not work here")
    assert "see that user namespaces are allowed" in said


def test_a_volume_of_another_user_is_one_line(stack: Stack, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    code, said = alone("-v", f"{tmp_path}:/var/lib/gatefleet", service="scheduler")

    assert code == 2
    assert said.splitlines() == [
        "/var/lib/gatefleet: cannot be used as the state folder (Permission denied); "
        "mend that, or name another one"
    ]


def test_wrong_variables_are_told_at_once_and_nothing_is_started(stack: Stack) -> None:
    wrong = (
        "GATEFLEET_SCHEDULER_TICK_S=0",
        "GATEFLEET_CONSOEL_PORT=1",
        "GATEFLEET_QA_AGENT_TOKEN=x",
    )
    given = [part for each in wrong for part in ("-e", each)]
    done = stack.called("run", "--rm", "--no-deps", "-T", *given, "setup")

    assert done.returncode == 2
    said = [line for line in done.stderr.splitlines() if line.startswith("GATEFLEET_")]
    assert {line.partition(":")[0] for line in said} == {each.partition("=")[0] for each in wrong}
    assert len(said) == len(wrong)

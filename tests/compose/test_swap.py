"""A service of somebody else's in pm-agent's place: the loop runs to its end, and it may no more."""

import json
import time
from collections.abc import Iterator

import pytest

from services.console.shapes import IssueLine
from shared.lifecycle import IssueState
from tests.compose.person import REPOSITORY, UNORDERED, You
from tests.compose.stack import Stack, engine, until
from tests.compose.test_closed import PROBE, WORDS

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]

SWAP = ("compose/swap.yaml",)
IMAGE = "gatefleet-swap:local"
TITLE = "Put imports in order (F401 and I001)"
OURS = "import importlib.util as i; print(i.find_spec('services'), i.find_spec('shared'))"


@pytest.fixture(scope="module")
def swapped(stack: Stack, you: You) -> Iterator[Stack]:
    """The stack that runs, with pm-agent's container alone made anew; ours comes back at the end."""
    began = time.monotonic()
    stack.compose("build", "pm-agent", files=SWAP, within_s=900)
    stack.figures.append(f"image of the swap built in {time.monotonic() - began:.0f} s")
    stack.up("--no-deps", "pm-agent", files=SWAP)
    yield stack
    stack.up()


def test_the_loop_runs_to_its_end_with_it(swapped: Stack, you: You) -> None:
    said = swapped.compose(
        "run", "--rm", "-T", "--no-deps", "you", "publish", "custom.drill.alert",
        f"title=Look at {UNORDERED}", "--repo", REPOSITORY, "--wait", "--timeout", "120",
        "--output", "json", within_s=200,
    )  # fmt: skip
    proposed = until(lambda: _proposed(you), f"an issue of the swap's: {said}")

    you.approve(proposed.number)
    ready = you.until_state(proposed.number, IssueState.READY)
    diff = you.read(f"pull/{ready.pull_request}/files")
    merged = you.merge(proposed.number)

    assert json.loads(said)["end"] == "done"
    assert UNORDERED in diff
    assert (merged.state, merged.approved_by) == (IssueState.MERGED, "you")


def test_nothing_of_our_own_pm_agent_runs(swapped: Stack) -> None:
    running = engine("ps", "--no-trunc", "--format", "{{.Image}} {{.Command}}",
                     "--filter", f"label=com.docker.compose.project={swapped.project}")  # fmt: skip

    [line] = [each for each in running.splitlines() if each.startswith(IMAGE)]
    assert "/opt/swap/service.py" in line
    assert "run pm-agent" not in running
    assert swapped.exec("pm-agent", "python", "-c", OURS).split() == ["None", "None"]


def test_it_is_closed_and_reaches_the_broker_alone(swapped: Stack) -> None:
    found = swapped.inspected("pm-agent")
    host, config = found["HostConfig"], found["Config"]
    address = swapped.exec("pm-agent", "cat", "/run/gatefleet/bus").strip()
    password = address.split("@")[0].rpartition(":")[2]

    assert (host["ReadonlyRootfs"], host["CapDrop"], config["User"]) == (
        True,
        ["ALL"],
        "10001:10001",
    )
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert set(found["NetworkSettings"]["Networks"]) == {f"{swapped.project}_bus"}
    assert {each["Destination"] for each in found["Mounts"] if each["RW"]} == set()
    assert swapped.exec("pm-agent", "cat", "/run/gatefleet/token") == ""
    assert [each for each in config["Env"] if each.startswith("GATEFLEET")] == []
    assert len(password) > 30
    assert password not in json.dumps(found) + swapped.compose("logs", "pm-agent")


def test_to_the_broker_it_is_pm_agent(swapped: Stack) -> None:
    words = list(dict.fromkeys(WORDS.values()))
    said = swapped.exec("pm-agent", "python", "-", ",".join(words), given=PROBE)

    allowed = {WORDS["pm-agent"], "custom"}
    assert said.split("\n")[:-1] == [
        f"{word} {'taken' if word in allowed else 403}" for word in words
    ]


def _proposed(you: You) -> IssueLine | None:
    found = (each for each in you.issues().values() if each.title == TITLE)
    return next(found, None)

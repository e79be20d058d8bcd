"""What a machine or a broker may be wrong in: said in one line, and once mended it goes on."""

import json
import re
from pathlib import Path

import pytest

from shared.lifecycle import IssueState
from tests.compose.person import You
from tests.compose.stack import ROOT, Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1500)]

BEHIND_S = -3600
CLOCK = re.compile(
    r"the clock of the forge is 3(599|600) s ahead of this one's; set the one that is wrong"
)
"""The forge tells whole seconds."""
QUEUE = "qa-agent.work.review.requested.v1"
FOREIGN = """
import asyncio, aio_pika
async def main():
    connection = await aio_pika.connect(open("/run/gatefleet/bus").read().strip())
    channel = await connection.channel()
    await channel.queue_delete({queue!r})
    {then}
    await connection.close()
asyncio.run(main())
"""
ASK = "exec 3<>/dev/tcp/127.0.0.1/8390; printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"
SMALL_MB = 16
ON_SMALL = (
    "cp -a /kept/. . && { gatefleet run scheduler & }; trap 'kill -TERM $!' TERM; wait; wait; "
    "cp -a databases/. /kept/databases/"
)
"""Of compose, where a dollar is two. Its state is taken there and back."""
FILLER = "/var/lib/gatefleet/filler"


def said_by(stack: Stack, service: str, event: str) -> list[str]:
    """The lines of its log with that word."""
    lines = stack.compose("logs", "--no-log-prefix", "--no-color", service).splitlines()
    return [line for line in lines if event in line]


def test_a_wrong_clock_opens_no_gate_and_is_told_until_it_is_set(
    stack: Stack, you: You, tmp_path: Path
) -> None:
    (proposed,) = you.proposals(1)
    _with_entry(stack, "gatekeeper", tmp_path)

    stack.exec("gatekeeper", "sh", "-c", f"echo {BEHIND_S} > /tmp/shift")
    you.approve(proposed.number)
    until(lambda: _met(stack, proposed.number), "the approval met the wrong clock")
    told = said_by(stack, "gatekeeper", "clock_differs")
    ready = stack.exec("gatekeeper", "bash", "-c", ASK)
    state, pulls = you.issues()[proposed.number].state, you.pulls_of(proposed.number)
    stack.exec("gatekeeper", "sh", "-c", "echo 0 > /tmp/shift")
    merged = you.merge(proposed.number)

    (line,) = [each for each in told if "the forge" in each]
    assert "no gate opens" in line
    assert "503" in ready.splitlines()[0]
    assert CLOCK.search(ready)
    assert (state, pulls) == (IssueState.PROPOSED, [])
    assert (merged.state, you.pulls_of(proposed.number)) == (
        IssueState.MERGED,
        [merged.pull_request],
    )
    stack.up()


@pytest.mark.night  # a minute
def test_a_full_volume_is_one_line_and_what_waits_goes_on_once_there_is_room(
    stack: Stack, you: You, tmp_path: Path
) -> None:
    (proposed,) = you.proposals(1)
    stack.up("--no-deps", "scheduler", files=(_small_volume(tmp_path, "scheduler"),))

    stack.called("exec", "-T", "scheduler", "dd", "if=/dev/zero", f"of={FILLER}", "bs=4k")
    you.approve(proposed.number)
    told = until(lambda: said_by(stack, "scheduler", "store_refuses"), "a line about the store")
    ready = stack.exec("scheduler", "bash", "-c", ASK)
    state = you.issues()[proposed.number].state
    stack.exec("scheduler", "rm", FILLER)
    merged = you.merge(proposed.number)

    (line,) = told
    assert "/var/lib/gatefleet/databases/scheduler.db" in line
    assert "make room on that disk" in line
    assert "scheduler: its store does not take what it commits" in ready
    assert state not in (IssueState.WORKING, IssueState.READY)
    assert len(said_by(stack, "scheduler", "store_takes_again")) == 1
    assert you.pulls_of(proposed.number) == [merged.pull_request]
    stack.up()


def test_a_foreign_queue_of_the_same_name_is_one_line_that_names_it(stack: Stack) -> None:
    stack.compose("stop", "qa-agent")
    _by_hand(stack, f"await channel.declare_queue({QUEUE!r}, durable=True)")
    refused = stack.called("run", "--rm", "--no-deps", "-T", "qa-agent")
    _by_hand(stack, "pass")
    stack.compose("start", "qa-agent")
    stack.answers(stack.ids("qa-agent")[0])

    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    (line,) = [each for each in refused.stderr.splitlines() if QUEUE in each]
    assert line.startswith(f"queue {QUEUE}: the broker has another queue of that name")
    assert line.endswith("delete it or use a vhost of its own")


def _met(stack: Stack, number: int) -> bool:
    """Whether the issue was looked at, and was not judged for the clock's sake."""
    return any(
        re.search(rf"#{number}\b", line) and CLOCK.search(line)
        for line in said_by(stack, "gatekeeper", "job_later")
    )


def _by_hand(stack: Stack, then: str) -> None:
    """On the broker, as qa-agent's own user."""
    stack.compose("run", "--rm", "--no-deps", "-T", "--entrypoint", "python", "qa-agent", "-",
                  given=FOREIGN.format(queue=QUEUE, then=then))  # fmt: skip


def _with_entry(stack: Stack, service: str, folder: Path) -> None:
    """Its container anew, started by the entry point with a clock that can be shifted."""
    entry = f"{ROOT}/tests/compose/shifted.py:/opt/drill/shifted.py:ro"
    said = {"command": ["python", "/opt/drill/shifted.py"], "volumes": [entry]}
    stack.up("--no-deps", service, files=(_override(folder, {"services": {service: said}}),))


def _small_volume(folder: Path, service: str) -> str:
    """Its state on a disk of its own, and small."""
    options = f"size={SMALL_MB}m,uid=10001,gid=10001,mode=0700"
    disk = {"driver_opts": {"type": "tmpfs", "device": "tmpfs", "o": options}}
    mounts = [f"{service}:/kept", "small:/var/lib/gatefleet"]
    said = {"command": ["sh", "-c", ON_SMALL.replace("$", "$$")], "volumes": mounts}
    return _override(folder, {"services": {service: said}, "volumes": {"small": disk}})


def _override(folder: Path, said: dict[str, object]) -> str:
    path = folder / "override.yaml"
    path.write_text(json.dumps(said))
    return str(path)

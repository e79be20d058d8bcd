"""The first signal drains; a second Ctrl-C ends at once; what hangs does not hang the process."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shared.runtime.signals import AT_ONCE, CUT_SHORT

ROOT = Path(__file__).parents[2]
PROGRAM = """\
import asyncio, sys, time
from shared.runtime.signals import Told

async def main():
    with Told(within_s={within}) as told:
        print("ready", flush=True)
        await told.event.wait()
        print("told", told.by.name, flush=True)
        {then}

asyncio.run(main())
print("drained", flush=True)
"""
BLOCKED_LOOP = "time.sleep(100)"
BLOCKED_THREAD = "await asyncio.to_thread(time.sleep, 100)"
LEFT_THREAD = "asyncio.get_running_loop().run_in_executor(None, time.sleep, 100)"


def started(then: str, *, within: float, ignoring: str = "") -> "subprocess.Popen[str]":
    """A program that does `then` once it is told to stop; ready."""
    before = (
        f"import signal; signal.signal(signal.{ignoring}, signal.SIG_IGN)\n" if ignoring else ""
    )
    process = subprocess.Popen(
        [sys.executable, "-c", before + PROGRAM.format(within=within, then=then)], cwd=ROOT,
        text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_first_signal_lets_it_drain(by: signal.Signals) -> None:
    process = started("pass", within=60)

    process.send_signal(by)

    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, f"told {by.name}\ndrained\n", "")


@pytest.mark.parametrize("then", [BLOCKED_LOOP, BLOCKED_THREAD, LEFT_THREAD])
def test_what_hangs_is_left_behind_when_the_time_is_over(then: str) -> None:
    process = started(then, within=0.2)

    process.send_signal(signal.SIGTERM)

    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "told SIGTERM\n", CUT_SHORT)


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("then", [BLOCKED_LOOP, BLOCKED_THREAD])
def test_a_second_ctrl_c_ends_it_at_once(first: signal.Signals, then: str) -> None:
    process = started(then, within=100)
    assert process.stdout is not None
    process.send_signal(first)
    assert process.stdout.readline() == f"told {first.name}\n"

    process.send_signal(signal.SIGINT)

    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, AT_ONCE)


def test_the_same_word_twice_changes_nothing() -> None:
    process = started("await asyncio.to_thread(sys.stdin.read)", within=60)
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)

    out, _ = process.communicate("", timeout=60)

    assert (process.returncode, out.splitlines()[-1]) == (0, "drained")


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    process = started("pass", within=60, ignoring="SIGHUP")
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)

    out, _ = process.communicate(timeout=60)

    assert out == "told SIGTERM\ndrained\n"

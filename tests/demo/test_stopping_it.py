"""Ctrl-C while the loop works, and a person at a real terminal."""

import os
import pty
import re
import signal
import subprocess
import sys
import termios
from pathlib import Path

from tests.cli.commands import DEADLINE_S, LOOPS, ROOT, end, environment, require_bubblewrap, start
from tests.demo.repositories import repository

pytestmark = LOOPS

ENDING = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def of_session(leader: int) -> list[str]:
    """Processes that still belong to the session."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = path.read_text().rsplit(")", 1)
        except OSError:  # it ended while we looked
            continue
        if int(rest.split()[3]) == leader:
            found.append(name)
    return found


def test_ctrl_c_in_the_middle_puts_everything_away(tmp_path: Path) -> None:
    require_bubblewrap()
    temporary = tmp_path / "tmp"
    repo = repository(tmp_path / "r")
    process = start("demo", "--yes", "--repo", str(repo), "--limit", "270", temporary=temporary)
    assert process.stdout is not None
    for line in process.stdout:
        if "dev-agent is asked to implement it" in line:
            break
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)  # the second must not interrupt putting away
    ran = end(process, temporary)
    assert (ran.code, ran.err, ran.left) == (130, "gatefleet: stopped\n", ())
    assert of_session(process.pid) == []


class Terminal:
    """A pseudo-terminal with the demo in it."""

    def __init__(self, tmp_path: Path, *args: str) -> None:
        self.keyboard, self.program = pty.openpty()
        termios.tcsetwinsize(self.program, (24, 80))
        self.before = termios.tcgetattr(self.keyboard)
        self.temporary = tmp_path / "tmp"
        env = environment(self.temporary)
        self.process = subprocess.Popen(
            [sys.executable, "-c", LEADER, *args], cwd=ROOT,
            env={name: value for name, value in env.items() if name != "COLUMNS"},
            stdin=self.program, stdout=self.program, stderr=self.program, start_new_session=True,
        )  # fmt: skip
        os.close(self.program)  # so that reading ends when the demo does
        self.shown = ""
        self.read_to = 0

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.keyboard)

    def until(self, words: str) -> None:
        """Read on until that is shown, after what was waited for before.

        What came with it in one piece is kept: the next words may be in there already.
        """
        while (found := self.plain().find(words, self.read_to)) < 0:
            try:
                self.shown += os.read(self.keyboard, 65536).decode("utf-8", "replace")
            except OSError:  # the demo is gone
                raise AssertionError(f"it ended before {words!r}: {self.shown}") from None
        self.read_to = found + len(words)

    def plain(self) -> str:
        """All that was shown, as words: without colours, moves and line breaks."""
        return " ".join(ENDING.sub("", self.shown).split())

    def press(self, key: bytes) -> None:
        """As somebody at the keyboard."""
        os.write(self.keyboard, key)


LEADER = (
    "import fcntl, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "from services.cli.__main__ import main; sys.argv[0] = 'gatefleet'; main()"
)
"""Makes the terminal its own first, so that Ctrl-C there reaches it."""


def test_a_person_at_a_terminal_reads_answers_and_ends_it_with_ctrl_c(tmp_path: Path) -> None:
    require_bubblewrap()
    repo = repository(tmp_path / "r")
    with Terminal(tmp_path, "demo", "--repo", str(repo), "--limit", "270") as at:
        at.until("this link logs you in, once:")
        at.until("may an agent work on #1")
        at.press(b"d")
        at.until("| gatefleet:proposal ")
        at.press(b"y")
        at.until("Gate 2: merge pull request #2")
        at.press(b"d")
        at.until("| -import os")
        at.press(b"y")
        at.until("1 of 1 issue(s) went from proposed to merged")
        at.until("the pages stay open at http://127.0.0.1:")
        assert termios.tcgetattr(at.keyboard)[3] & termios.ECHO == 0
        at.press(b"\x03")
        assert at.process.wait(DEADLINE_S) == 0
        assert os.listdir(at.temporary) == []
        assert of_session(at.process.pid) == []
        assert termios.tcgetattr(at.keyboard) == at.before

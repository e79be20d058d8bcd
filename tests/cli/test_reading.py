"""`status`, `inbox`, `why`, `log`: of the fleet that runs, or of what it left; plain in any width."""

import asyncio
import hashlib
import json
import re
import signal
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.cells import cell_len

from services.cli.commands import run
from services.cli.overview import overview
from services.cli.page import Page
from services.console.asking import Asked
from shared.store import open_engine
from tests.cli.commands import ROOT, environment
from tests.cli.consoles import alive, left, several, terminal, told
from tests.console.desk import hear
from tests.console.stories import kept, to_merged

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
Capture = pytest.CaptureFixture[str]


def test_status_shows_each_group_with_what_it_waits_for(tmp_path: Path, capsys: Capture) -> None:
    left(tmp_path, several())
    assert run(["status", "--state", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    first, rest = out.split("\n\n", 1)
    assert first.startswith("octo/hello · nothing runs; as of 2026-03-02 ")
    assert first.endswith("· no money: the policy's budget is 0 · 1 thing waits for you")
    headings = [line for line in rest.splitlines() if line and not line.startswith(" ")]
    assert headings == [
        "Waits for you", "Runs", "Queue", "Rests, or waits for something else", "Done lately",
    ]  # fmt: skip
    for words in (
        "→ comment `/approve` on the issue", "place 1", "running ruff check (1 of 2)",
        "1 run, 42 s, $0.12", "the model's quota is used up", "→ goes on by itself at", "PR #8",
        "1 open issue(s) that nobody put forward; `gatefleet status --all` lists them",
    ):  # fmt: skip
        assert words in out
    assert "\x1b" not in out


def test_all_shows_those_that_nobody_put_forward(tmp_path: Path, capsys: Capture) -> None:
    left(tmp_path, several())
    assert run(["status", "--all", "--state", str(tmp_path)]) == 0
    assert "Somebody's own" in capsys.readouterr().out


def test_quoted_text_is_marked_on_every_row_of_a_terminal_and_whole_in_a_pipe() -> None:
    text = "Mend it\n\n" + "word " * 30 + "\nNothing was removed from it."
    page, stream = terminal(60)
    page.quote(text)
    page.show()
    rows = stream.getvalue().splitlines()
    assert len(rows) > 5
    assert all(row.startswith("│") and cell_len(row) <= 60 for row in rows), rows
    pipe = StringIO()
    page = Page(pipe)
    page.quote(text)
    page.show()
    assert pipe.getvalue().splitlines()[2] == "│ " + ("word " * 30).rstrip()


@pytest.mark.parametrize("width", [60, 72, 84, 100, 200])
def test_no_line_is_wider_than_the_terminal_and_nothing_of_a_title_moves_it(width: int) -> None:
    page, stream = terminal(width)
    with kept(*several()) as session:
        status = Asked(session).status(everything=True)
    now = several()[-1].at + timedelta(days=400)
    overview(page, status.issues, now, everything=True)
    page.show()
    lines = ESCAPE.sub("", stream.getvalue()).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert not any("\x1b" in line for line in lines)
    assert "\x1b[31m" not in stream.getvalue()
    text = " ".join(" ".join(lines).split())
    for number in range(1, 7):
        assert f"#{number} " in text
    assert "running ruff check (1 of 2)" in text


def test_no_color_is_heeded() -> None:
    from services.cli.page import Page
    from tests.cli.consoles import Terminal

    stream = Terminal()
    page = Page(stream, environment={"TERM": "xterm", "NO_COLOR": "1"})
    overview(page, (), several()[-1].at, everything=False)
    page.show()
    assert "\x1b[3" not in stream.getvalue()


def test_inbox_holds_only_what_waits_for_a_person(tmp_path: Path, capsys: Capture) -> None:
    left(tmp_path, several())
    assert run(["inbox", "--state", str(tmp_path)]) == 0
    blocks = capsys.readouterr().out.strip().split("\n\n")
    assert len(blocks) == 2
    assert "1 thing waits for you" in blocks[0]
    assert blocks[1].startswith("approve?   #1 Say in `README.md`")
    assert "→ comment `/approve` on the issue" in blocks[1]


def test_why_is_one_line(tmp_path: Path, capsys: Capture) -> None:
    left(tmp_path, several())
    for number, words in (
        (1, "#1 proposed: nobody has approved it yet; comment `/approve` on the issue ("),
        (3, "#3 working: an agent implements it; "), (5, "#5 merged: its pull request #8 is merged"),
        (8, "#8 is the pull request of #5 merged: "),
    ):  # fmt: skip
        assert run(["why", str(number), "--state", str(tmp_path)]) == 0
        (line,) = capsys.readouterr().out.splitlines()
        assert line.startswith(words)
        assert "(nothing runs; as of 2026-03-02 " in line


@pytest.mark.parametrize("command", ["why", "log", "status"])
def test_an_issue_that_nobody_knows_is_one_line_that_says_what_to_do(
    command: str, tmp_path: Path, capsys: Capture
) -> None:
    left(tmp_path, several())
    assert run([command, "77", "--state", str(tmp_path)]) == 1
    shown = capsys.readouterr()
    (line,) = shown.err.splitlines()
    assert line.startswith("gatefleet: octo/hello#77: the fleet knows no issue with this number; ")
    assert shown.out == ""


@pytest.mark.parametrize("command", ["status", "inbox", "why 1", "log 1"])
def test_where_nothing_ever_ran_it_says_so(command: str, tmp_path: Path, capsys: Capture) -> None:
    assert run([*command.split(), "--state", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "nothing has run here yet; start it with `gatefleet up`" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["status", "status 3", "inbox", "why 3", "log 3"])
def test_json_is_one_object(command: str, tmp_path: Path, capsys: Capture) -> None:
    left(tmp_path, several())
    assert run([*command.split(), "--json", "--state", str(tmp_path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    assert found["running"] is None


@pytest.mark.parametrize("command", ["status", "inbox", "why", "log"])
def test_help_has_an_example(command: str, capsys: Capture) -> None:
    assert run([command, "--help"]) == 0
    assert f"Example: gatefleet {command}" in " ".join(capsys.readouterr().out.split())


def test_log_tells_the_story_with_its_days(tmp_path: Path, capsys: Capture) -> None:
    left(tmp_path, to_merged())
    assert run(["log", "7", "--state", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "#7 Mend unused imports (F401) in `hello/greet.py`"
    assert sum(line.startswith("Monday, 2026-03-02") for line in lines) == 1
    assert lines[-2].endswith("merged pull request #8 as c0ffee42c0ff")


def test_what_was_left_is_read_and_not_touched(tmp_path: Path, capsys: Capture) -> None:
    store = left(tmp_path, several())
    before = hashlib.sha256(store.read_bytes()).digest()
    for command in ("status", "inbox", "why 1", "log 1"):
        assert run([*command.split(), "--state", str(tmp_path)]) == 0
    assert hashlib.sha256(store.read_bytes()).digest() == before
    capsys.readouterr()


def test_what_an_earlier_version_left_is_read_without_bringing_it_up_to_date(
    tmp_path: Path, capsys: Capture
) -> None:
    store = left(tmp_path, several())
    engine = open_engine(f"sqlite:///{store}")
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table views")
        connection.exec_driver_sql("drop table projected")
    engine.dispose()
    assert run(["why", "3", "--state", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("#3 working: ")
    engine = open_engine(f"sqlite:///{store}")
    with engine.begin() as connection:
        rows = connection.exec_driver_sql("select name from sqlite_master where name = 'views'")
        assert rows.all() == []
    engine.dispose()


def test_a_store_that_is_none_is_said_in_one_line(tmp_path: Path, capsys: Capture) -> None:
    left(tmp_path, ()).write_bytes(b"this is no database, however long one looks at it" * 99)
    assert run(["status", "--state", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "the console's store cannot be read (file is not a database)" in line


async def test_the_console_that_runs_is_asked(tmp_path: Path, capsys: Capture) -> None:
    async with alive(tmp_path, several()):
        for command in ("status", "inbox", "why 1", "log 3", "status 3"):
            assert await told(*command.split(), "--state", str(tmp_path)) == 0
        out = capsys.readouterr().out
        assert "octo/hello · runs since 2026-03-02 " in out
        assert "http://127.0.0.1:1/octo/hello/issues/1" in out
        assert "nothing runs" not in out
        assert await told("why", "77", "--state", str(tmp_path)) == 1
        assert "the fleet knows no issue" in capsys.readouterr().err


async def test_a_fleet_that_heard_nothing_yet_says_so(tmp_path: Path, capsys: Capture) -> None:
    async with alive(tmp_path, ()):
        assert await told("status", "--state", str(tmp_path)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "nothing was heard of any repository yet" in line


async def test_log_follows_until_the_fleet_stops(tmp_path: Path, capsys: Capture) -> None:
    story = to_merged()
    out = ""
    async with alive(tmp_path, story[:20]) as here:
        following = asyncio.ensure_future(told("log", "7", "--follow", "--state", str(tmp_path)))
        while "dev-agent" not in out:
            out += capsys.readouterr().out
            await asyncio.sleep(0.01)
        await hear(here.bus, *story[20:])
        while "merged pull request #8" not in out:
            out += capsys.readouterr().out
            await asyncio.sleep(0.01)
    assert await following == 0
    out += capsys.readouterr().out
    assert out.count("asks dev-agent to implement it") == 1
    assert out.count("merged pull request #8") == 1
    assert "the fleet stopped, so the story stops here\n" in out


def test_there_is_nothing_to_follow_where_nothing_runs(tmp_path: Path, capsys: Capture) -> None:
    left(tmp_path, several())
    assert run(["log", "1", "--follow", "--state", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("gatefleet: nothing runs, so there is nothing to follow; ")


async def test_ctrl_c_ends_following_in_one_line(tmp_path: Path) -> None:
    async with alive(tmp_path / "state", to_merged()):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.cli", "log", "7", "-f",
            "--state", str(tmp_path / "state"), cwd=ROOT, env=environment(tmp_path / "tmp"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        while b"merged pull request" not in await process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
    assert (process.returncode, err) == (130, b"gatefleet: stopped\n")


def test_a_pipe_that_is_closed_ends_it_without_a_word(tmp_path: Path) -> None:
    left(tmp_path / "state", several())
    process = subprocess.Popen(
        [sys.executable, "-m", "services.cli", "status", "--state", str(tmp_path / "state")],
        cwd=ROOT, env=environment(tmp_path / "tmp"), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0

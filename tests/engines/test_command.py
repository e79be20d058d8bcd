"""The `command` engine, in real processes: what it does, and how it ends when a tool does not."""

import asyncio
import json
import os
import sys
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from shared.clock import Clock, FakeClock, SystemClock
from shared.engines import CommandEngine, EngineResult, Task, Usage
from shared.errors import BadInput
from shared.sandbox import Command, Finished, Sandbox
from shared.sandbox.bubblewrap import Bubblewrap
from shared.sandbox.port import MIB, TAIL_BYTES
from shared.sandbox.process import ProcessSandbox
from tests.sandbox.conftest import need_bubblewrap

HANGS = "import time; print('x', flush=True); time.sleep(600)"

TASK = Task(
    title="Unused import in app.py",
    text="Remove it.",
    paths=("app.py",),
    rules=("F401",),
    round=1,
    findings="",
    base_sha="0" * 40,
)


class Recording(ProcessSandbox):
    """The process sandbox, remembering what it was asked."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.commands: list[Command] = []

    async def run(self, command: Command) -> Finished:
        self.commands.append(command)
        return await super().run(command)


class Advancing(ProcessSandbox):
    """The process sandbox; its clock jumps ahead at the first output."""

    def __init__(self, clock: FakeClock, *, seconds: float) -> None:
        super().__init__(clock)
        self._advance = partial(clock.advance, seconds)

    async def run(self, command: Command) -> Finished:
        return await super().run(replace(command, on_output=lambda _: self._advance()))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "app.py").write_text("import os\nvalue = [ 1,2 ]\nif value == None:\n    value=1\n")
    return folder


async def work(
    engine: CommandEngine,
    workspace: Path,
    *,
    task: Task = TASK,
    sandbox: Sandbox | None = None,
    progress: list[str] | None = None,
) -> EngineResult:
    return await engine.work(
        task,
        sandbox=sandbox or ProcessSandbox(SystemClock()),
        workspace=workspace,
        timeout=timedelta(minutes=5),
        on_progress=(progress if progress is not None else []).append,
    )


def python(script: str) -> list[str]:
    return ["python", "-c", script]


async def test_the_default_mends_and_formats_and_leaves_the_unsafe_for_a_revision(
    workspace: Path,
) -> None:
    progress: list[str] = []
    (workspace / "ruff.toml").write_text('lint.select = ["E", "F"]\n')

    first = await work(CommandEngine(), workspace, progress=progress)
    after_first = (workspace / "app.py").read_text()
    second = await work(CommandEngine(), workspace, task=replace(TASK, round=2))

    assert (first.end, first.reason) == ("done", "ran ruff check; ruff format")
    assert first.usage == Usage(calls=0, tokens_in=0, tokens_out=0, money_micros=0)
    assert after_first == "value = [1, 2]\nif value == None:\n    value = 1\n"
    assert progress == ["running ruff check (1 of 2)", "running ruff format (2 of 2)"]
    assert second.end == "done"
    assert (workspace / "app.py").read_text() == after_first.replace("==", "is")
    assert sorted(path.name for path in workspace.iterdir()) == ["app.py", "ruff.toml"]


async def test_the_default_works_in_bubblewrap(workspace: Path) -> None:
    need_bubblewrap()

    result = await work(CommandEngine(), workspace, sandbox=Bubblewrap(SystemClock()))

    assert result.end == "done", result
    assert (workspace / "app.py").read_text().startswith("value = [1, 2]\n")


async def test_the_prompt_is_a_file_that_the_program_can_read_and_not_write(
    workspace: Path,
) -> None:
    need_bubblewrap()
    script = "import sys,os;print(open(sys.argv[1]).read(), os.access(sys.argv[1], os.W_OK))"
    engine = CommandEngine([[*python(script), "{prompt}"]])
    task = replace(TASK, round=3, findings="Say why.")

    result = await work(engine, workspace, task=task, sandbox=Bubblewrap(SystemClock()))

    said = "# Unused import in app.py\n\nRemove it.\n\n## What the review asked for\n\nSay why.\n"
    assert result.log.decode().endswith(f"{said} False\n")
    assert [path.name for path in workspace.iterdir()] == ["app.py"]


async def test_given_lines_are_used_for_revisions_unless_there_are_others(workspace: Path) -> None:
    lines = ["echo first {round}"]
    later = replace(TASK, round=2)

    same = await work(CommandEngine(lines), workspace, task=later)
    other = await work(CommandEngine(lines, revise=["echo again {round}"]), workspace, task=later)

    assert (same.log, other.log) == (
        b"$ echo first '{round}'\nfirst 2\n",
        b"$ echo again '{round}'\nagain 2\n",
    )


async def test_the_first_failure_ends_it_with_its_last_words(workspace: Path) -> None:
    script = "print('one'); print('the reason'); raise SystemExit(3)"
    engine = CommandEngine([{"run": python(script), "ok": [0, 1]}, "touch never"])

    result = await work(engine, workspace)

    assert (result.end, result.reason) == (
        "failed",
        "engine command 'python' ended with exit code 3: the reason",
    )
    assert not (workspace / "never").exists()


@pytest.mark.parametrize("kind", ["process", "bubblewrap"])
async def test_a_command_that_does_not_exist_is_named(workspace: Path, kind: str) -> None:
    if kind == "bubblewrap":
        need_bubblewrap()
    sandbox: Sandbox = (ProcessSandbox if kind == "process" else Bubblewrap)(SystemClock())

    result = await work(CommandEngine(["foo --fix {paths}"]), workspace, sandbox=sandbox)

    assert result.end == "failed"
    assert result.reason.startswith("engine command 'foo' does not exist in the sandbox; ")


async def test_an_exit_code_of_127_that_is_the_programs_own_is_not_called_missing(
    workspace: Path,
) -> None:
    result = await work(CommandEngine([python("raise SystemExit(127)")]), workspace)

    assert result.reason == "engine command 'python' ended with exit code 127: no output"


async def test_i50_a_command_that_hangs_is_ended_at_its_time(workspace: Path) -> None:
    clock = FakeClock()
    engine = CommandEngine([python(HANGS)], idle=timedelta(hours=1))

    result = await work(engine, workspace, sandbox=Advancing(clock, seconds=301))

    assert (result.end, result.reason) == (
        "timed_out",
        "engine command 'python' was stopped: the time for the run, 5m, was up",
    )


async def test_i50_a_command_that_falls_silent_is_ended_before_its_time(workspace: Path) -> None:
    clock = FakeClock()
    engine = CommandEngine([python(HANGS)], idle=timedelta(minutes=1))

    result = await work(engine, workspace, sandbox=Advancing(clock, seconds=61))

    assert (result.end, result.reason) == (
        "idle",
        "engine command 'python' was stopped: it wrote nothing for 1m",
    )


async def test_the_time_is_for_all_lines_together(workspace: Path) -> None:
    clock = FakeClock()

    class Slow(Recording):
        async def run(self, command: Command) -> Finished:
            return replace(await super().run(command), seconds=100.0)

    sandbox = Slow(clock)

    await work(CommandEngine(["true", "true", "true"]), workspace, sandbox=sandbox)

    assert [command.timeout.total_seconds() for command in sandbox.commands] == [300, 200, 100]


async def test_i50_a_hundred_megabytes_of_output_stop_at_the_limit(workspace: Path) -> None:
    script = "import os\nfor _ in range(100): os.write(1, b'x' * (1 << 20))"

    result = await work(CommandEngine([python(script)]), workspace)

    assert (result.end, len(result.log)) == ("output_limit", TAIL_BYTES)
    assert (
        result.reason == f"engine command 'python' was stopped: it wrote more than {10 * MIB} bytes"
    )


async def test_i50_a_background_process_is_killed_and_no_error(workspace: Path) -> None:
    script = (
        "import json, os, subprocess, sys\n"
        "child = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "child.returncode = 0\n"
        "json.dump(child.pid, open('pid', 'w'))\n"
    )

    result = await work(CommandEngine([python(script)]), workspace)

    assert result.end == "done"
    with pytest.raises(ProcessLookupError):
        os.kill(json.loads((workspace / "pid").read_text()), 0)


async def test_cancelling_propagates(workspace: Path) -> None:
    started = asyncio.Event()
    engine = CommandEngine([python("import time; time.sleep(600)")])
    run = asyncio.create_task(
        engine.work(
            TASK,
            sandbox=ProcessSandbox(SystemClock()),
            workspace=workspace,
            timeout=timedelta(minutes=5),
            on_progress=lambda _: started.set(),
        )
    )
    await started.wait()

    run.cancel()

    with pytest.raises(asyncio.CancelledError):
        await run


async def test_our_own_tools_are_meant_by_their_names(workspace: Path) -> None:
    sandbox = Recording(SystemClock())

    await work(CommandEngine(["python --version", "pytest --version"]), workspace, sandbox=sandbox)

    assert [command.argv for command in sandbox.commands] == [
        (sys.executable, "--version"),
        (sys.executable, "-m", "pytest", "--version"),
    ]


async def test_an_exit_code_of_0_says_only_that_it_ran(workspace: Path) -> None:
    before = (workspace / "app.py").read_text()

    result = await work(CommandEngine(["true"]), workspace)

    assert (result.end, (workspace / "app.py").read_text()) == ("done", before)


def test_no_line_at_all_is_refused_at_construction() -> None:
    with pytest.raises(BadInput, match="there is no command line"):
        CommandEngine([])
    with pytest.raises(BadInput, match="unknown placeholder"):
        CommandEngine(["fix {paths}"], revise=["fix {file}"])

"""What an engine or a set-up may do wrong: each ends in one line, with nothing half done."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from services.dev_agent.working import work
from shared.messages.content import Brief, RunEnd, Usage
from shared.runs import Drafted, Ended
from tests.dev_agent.engines import APP, APP_BRIEF, Advancing, engine
from tests.dev_agent.runs import Bench, implementation

# What an engine may do wrong, and the one line in which it ends.

ENDS: dict[str, tuple[str, Brief | None, RunEnd, str]] = {
    "a command that does not exist": (
        "engines: {dev: {commands: [no-such-fixer --all]}}",
        None,
        RunEnd.DECLINED,
        "engine command 'no-such-fixer' does not exist in the sandbox; ",
    ),
    "changes nothing": (
        engine("pass"),
        None,
        RunEnd.NOTHING_TO_CHANGE,
        "ran python, and no file changed",
    ),
    "a hundred megabytes": (
        engine("import os\nfor _ in range(100): os.write(1, b'x' * (1 << 20))"),
        None,
        RunEnd.DECLINED,
        "engine command 'python' was stopped: it wrote more than",
    ),
    "fails after it changed something": (
        engine("open('app.py', 'w').write('x = 1\\n')", "raise SystemExit('no idea')"),
        None,
        RunEnd.DECLINED,
        "engine command 'python' ended with exit code 1: no idea",
    ),
    "outside of the issue's paths": (
        engine("open('app.py', 'w').close(); open('new name.py', 'w').close()"),
        APP_BRIEF,
        RunEnd.DECLINED,
        "the engine changed new name.py, which is outside of what the policy and the issue",
    ),
    "outside of the policy's scope": (
        engine("open('other.py', 'w').close()", more="scope: {deny: [other.py]}"),
        None,
        RunEnd.DECLINED,
        "the engine changed other.py, which is outside of",
    ),
    "too large to travel": (
        engine(
            "import random; open('app.py', 'wb').write(random.Random(1).randbytes(9000))",
            more="limits: {bundle_bytes: 4096}",
        ),
        None,
        RunEnd.DECLINED,
        "the change is over the limit of 4,096 bytes; split the issue",
    ),
    "a name that no tree of ours may hold": (
        engine("open('new\\nname.py', 'w').close()"),
        None,
        RunEnd.DECLINED,
        "'new\\nname.py': a control character in a name; rename or remove it",
    ),
    "a set-up that fails": (
        "setup: [[python, -c, \"raise SystemExit('no wheel')\"]]",
        None,
        RunEnd.DECLINED,
        "setup: `python -c 'raise SystemExit('\"'\"'no wheel'\"'\"')'` ended with exit code 1: no wheel",
    ),
    "a set-up that does not exist": (
        "setup: [no-such-tool install]",
        None,
        RunEnd.DECLINED,
        "setup: `no-such-tool install` does not exist in the sandbox; mend `setup:`",
    ),
    "no path of the repository": (
        "",
        Brief(paths=("../../etc", "/etc/passwd")),
        RunEnd.DECLINED,
        "the issue's block names no path of this repository (../../etc, /etc/passwd); ",
    ),
}


@pytest.mark.parametrize("case", ENDS)
async def test_a_bad_engine_ends_in_one_line_and_nothing_half_done(bench: Bench, case: str) -> None:
    policy, brief, expected, words = ENDS[case]
    base = bench.origin.commit(APP)

    end = await bench.run(implementation(base, policy, brief))

    assert isinstance(end, Ended), end
    assert (end.end, end.reason[: len(words)]) == (expected, words)
    assert "\n" not in end.reason


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (61, "engine command 'python' was stopped: it wrote nothing for 1m"),
        (121, "engine command 'python' was stopped: the time for the run, 2m, was up"),
    ],
)
async def test_i50_an_engine_that_hangs_is_stopped(
    bench: Bench, seconds: float, words: str
) -> None:
    base = bench.origin.commit(APP)
    bench.sandbox = Advancing(seconds)
    hangs = "import time; print('x', flush=True); time.sleep(600)"
    idle = {61: "1m", 121: "5m"}[int(seconds)]
    commands = json.dumps([["python", "-c", hangs]])
    policy = f"engines: {{dev: {{commands: {commands}, timeout: 2m, idle_timeout: {idle}}}}}"

    end = await bench.run(implementation(base, policy))

    assert end == Ended(RunEnd.TIMED_OUT, words)


async def test_a_background_process_is_gone_and_the_change_is_kept(bench: Bench) -> None:
    base = bench.origin.commit(APP)
    script = (
        "import subprocess; c = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "c.returncode = 0; open('app.py', 'w').write(f'{c.pid}\\n')"
    )

    end = await bench.run(implementation(base, engine(script)))

    pid = int((await bench.files(end))["app.py"])
    assert not Path(f"/proc/{pid}").exists()


async def test_a_cancelled_run_leaves_no_folder_and_no_process(bench: Bench) -> None:
    base = bench.origin.commit(APP)
    started = asyncio.Event()
    live = bench.live(implementation(base, engine("import time; time.sleep(600)")))

    async def say(phase: str, line: str, usage: Usage) -> None:
        if line.startswith("running"):
            started.set()

    run = asyncio.create_task(work(replace(live, say=say), bench.tools))
    await started.wait()

    run.cancel()

    with pytest.raises(asyncio.CancelledError):
        await run
    assert list((bench.folder / "scratch").iterdir()) == []


async def test_the_setup_commands_share_one_time_limit(bench: Bench) -> None:
    base = bench.origin.commit(APP)
    bench.sandbox = Advancing(31)
    hangs = ["python", "-c", "import time; print('x', flush=True); time.sleep(600)"]
    policy = f"setup: {json.dumps([hangs])}\nlimits: {{setup_timeout: 30s}}"

    end = await bench.run(implementation(base, policy))

    assert isinstance(end, Ended)
    assert end.end is RunEnd.DECLINED
    assert end.reason.endswith(
        "was stopped after 31 s; mend `setup:` or limits.setup_timeout in .gatefleet.yml"
    )


async def test_i46_what_an_engine_plants_for_git_runs_nothing(bench: Bench) -> None:
    base = bench.origin.commit(APP)
    mark = bench.folder / "ran"
    plant = (
        "import os, subprocess\n"
        "subprocess.run(['git', 'init', '-q', '.'], check=True)\n"
        f"hook = '#!/bin/sh\\ntouch {mark}\\n'\n"
        "open('.git/hooks/pre-commit', 'w').write(hook); os.chmod('.git/hooks/pre-commit', 0o755)\n"
        f"subprocess.run(['git', 'config', 'core.fsmonitor', 'touch {mark}'], check=True)\n"
        f"subprocess.run(['git', 'config', 'filter.x.clean', 'touch {mark}'], check=True)\n"
        "open('.gitattributes', 'w').write('* filter=x\\n')\n"
    )

    end = await bench.run(implementation(base, engine(plant)))

    assert isinstance(end, Drafted)
    assert not mark.exists()
    assert end.reason.endswith("1 file(s) changed, 1 line(s) added, 0 removed")


async def test_what_an_engine_made_unreadable_is_read_and_removed(bench: Bench) -> None:
    base = bench.origin.commit(APP)
    script = (
        "import os; os.mkdir('d'); open('d/f.txt', 'w').close()\n"
        "os.chmod('d/f.txt', 0); os.chmod('d', 0)"
    )

    end = await bench.run(implementation(base, engine(script)))

    assert "d/f.txt" in await bench.files(end)

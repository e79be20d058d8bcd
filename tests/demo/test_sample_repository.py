"""What the sample claims to be: a library with real faults, the same wherever it is made."""

import os
import shutil
import subprocess
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from services.demo.sample_repository import HISTORY, SAMPLE, make_sample, source
from services.pm_agent.choosing import choose
from services.pm_agent.looking import Look, look
from shared.checkers import Lint, TestRun, compare, run_ruff, run_tests
from shared.engines import CommandEngine, Task
from shared.errors import BadInput
from shared.messages import Repo
from shared.messages.content import KnownProposal
from shared.policy import Policy, parse
from shared.sandbox import Sandbox
from shared.sandbox import choose as choose_sandbox
from tests.checkers.trees import sandbox

RED = "tests/test_orders.py::test_orders_that_were_shipped_are_not_open"
FILES = {path for _, paths in HISTORY for path in paths}


def git(folder: Path, *args: str) -> str:
    quiet = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATH": os.environ["PATH"],
    }
    ran = subprocess.run(["git", "-C", folder, *args], capture_output=True, check=True, env=quiet)
    return ran.stdout.decode()


def policy() -> Policy:
    return parse(source(".gatefleet.yml").read_text())


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """The sample's files, without git."""
    for path in FILES:
        target = tmp_path / "sample" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source(path), target)
    return tmp_path / "sample"


async def rules(folder: Path, *paths: str) -> list[str]:
    lint = await run_ruff(sandbox(), folder, paths or (".",), formatting=True)
    assert isinstance(lint, Lint)
    assert lint.unformatted == ()
    return [one.rule for one in lint.findings]


async def run_of(folder: Path, where: Sandbox) -> TestRun:
    run = await run_tests(where, folder, command=policy().test.command.run)
    assert isinstance(run, TestRun), run
    return run


async def seen(folder: Path) -> Look:
    return await look(folder, sandbox(), policy(), Repo(owner="you", name="stockroom", id="1"))


async def fix(folder: Path, round: int, *paths: str) -> None:
    task = Task("t", "t", paths, (), round, "", "0" * 40)
    result = await CommandEngine().work(
        task,
        sandbox=sandbox(),
        workspace=folder,
        timeout=timedelta(minutes=1),
        on_progress=lambda line: None,
    )
    assert result.end == "done", result.reason


def test_every_file_of_the_sample_is_in_its_history_once() -> None:
    there = {
        path for path in SAMPLE.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }
    assert there == {source(path) for path in FILES}
    assert not [path for path in there if path.name.startswith(".")]  # not packaged
    assert sum(len(paths) for _, paths in HISTORY) == len(FILES)


async def test_the_repository_is_the_same_wherever_and_whenever_it_is_made(tmp_path: Path) -> None:
    one, other = await make_sample(tmp_path / "one"), await make_sample(tmp_path / "deep/other")
    heads = {git(folder, "rev-parse", "main").strip() for folder in (one, other)}
    assert len(heads) == 1
    assert git(one, "status", "--porcelain") == ""
    assert git(one, "log", "--format=%s|%an|%at|%ct", "--reverse").splitlines() == [
        f"{message}|Gatefleet sample|{at}|{at}"
        for at, (message, _) in zip(count(1767603600, 86400), HISTORY, strict=False)
    ]
    assert set(git(one, "ls-files").splitlines()) == FILES


async def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(BadInput, match="is not empty"):
        await make_sample(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


async def test_one_test_fails_and_the_fixer_makes_it_pass(sample: Path) -> None:
    base = await run_of(sample, sandbox())
    assert list(base.red) == [RED]
    assert await rules(sample, "stockroom/orders.py") == ["F632"]
    await fix(sample, 1, "stockroom/items.py", "stockroom/orders.py")
    now = await run_of(sample, sandbox())
    report = compare(base, now, [RED])
    assert (report.ok, report.newly_passing, now.red) == (True, (RED,), {})
    assert await rules(sample, "stockroom/orders.py") == []


async def test_one_module_needs_a_second_round(sample: Path) -> None:
    assert await rules(sample, "stockroom/report.py") == ["F401", "F401", "F841"]
    await fix(sample, 1, "stockroom/report.py")
    assert await rules(sample, "stockroom/report.py") == ["F841"]
    await fix(sample, 2, "stockroom/report.py")
    assert await rules(sample, "stockroom/report.py") == []
    assert list((await run_of(sample, sandbox())).red) == [RED]


async def test_one_module_is_mended_in_one_round(sample: Path) -> None:
    assert await rules(sample, "stockroom/prices.py") == ["I001", "UP032", "UP032"]
    await fix(sample, 1, "stockroom/prices.py")
    assert await rules(sample, "stockroom/prices.py") == []


async def test_the_tests_are_green_inside_bubblewrap_but_for_the_one(sample: Path) -> None:
    if shutil.which("bwrap") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("bubblewrap is missing: apt-get install bubblewrap")
        pytest.skip("bubblewrap is missing")
    inside = await choose_sandbox("bubblewrap", process_allowed=False)
    run = await run_of(sample, inside)
    assert (list(run.red), len(run.passed)) == ([RED], 14)
    lint = await run_ruff(inside, sample)
    assert isinstance(lint, Lint)
    assert len(lint.findings) == 7


async def test_its_faults_are_five_issues_of_which_three_can_be_done(sample: Path) -> None:
    found = await seen(sample)
    assert found.lines == ()
    chosen = choose(found.candidates, (), quota=policy().proposals.quota)
    assert [(one.finder, one.paths, one.rules) for one in chosen] == [
        ("tests", ("stockroom/items.py", "stockroom/orders.py"), ("F632",)),
        ("lint", ("stockroom/report.py",), ("F401", "F841")),
        ("lint", ("stockroom/prices.py",), ("I001", "UP032")),
        ("readme", ("README.md",), ()),
        ("todo", ("stockroom/items.py",), ()),
    ]
    assert chosen[0].tests == (RED,)
    assert [one.note.startswith("No configured engine") for one in chosen] == [False] * 3 + [
        True
    ] * 2


async def test_looking_again_proposes_nothing_until_a_finding_changes(sample: Path) -> None:
    chosen = choose((await seen(sample)).candidates, (), quota=5)
    known = [
        KnownProposal(proposal=one.proposal, issue=number, content=one.content, open=True)
        for number, one in enumerate(chosen, start=1)
    ]
    prices = sample / "stockroom/prices.py"
    prices.write_text("# a line that moves all others\n" + prices.read_text())
    assert choose((await seen(sample)).candidates, known, quota=5) == ()
    report = sample / "stockroom/report.py"
    report.write_text(report.read_text().replace("import os\n", "import os\nimport re\n"))
    (update,) = choose((await seen(sample)).candidates, known, quota=0)
    assert (update.proposal, update.content == chosen[1].content) == (chosen[1].proposal, False)

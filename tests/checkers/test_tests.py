"""Running a repository's tests."""

import shlex
from datetime import timedelta
from pathlib import Path

import pytest

from shared.checkers import NotRun, TestRun, run_tests
from shared.checkers.report_file import JUNIT
from shared.sandbox import Finished
from shared.sandbox.port import Ended
from tests.checkers.trees import Scripted, sandbox, write

MIXED = {
    "pkg/__init__.py": "",
    "pkg/sums.py": "def half(n):\n    if n < 0:\n        raise ValueError('below zero')\n    return n",
    "tests/test_sums.py": """
import pytest
from pkg.sums import half

class TestHalf:
    @pytest.mark.parametrize("n", [0, 8])
    def test_half(self, n):
        assert half(n) == n / 2

def test_negative():
    half(-1)

@pytest.fixture
def broken():
    raise RuntimeError("no fixture")

def test_broken(broken):
    pass

def test_later():
    pytest.skip("later")
""",
    "tests/test_lost.py": "import pkg.missing\n",
}


async def ran(folder: Path, **more: object) -> TestRun:
    run = await run_tests(sandbox(), folder, **more)  # type: ignore[arg-type]  # by name
    assert isinstance(run, TestRun), run
    return run


async def test_every_test_has_its_outcome(tmp_path: Path) -> None:
    run = await ran(write(tmp_path, MIXED))
    assert run.passed == {"tests/test_sums.py::TestHalf::test_half[0]"}
    assert set(run.failed) == {
        "tests/test_sums.py::TestHalf::test_half[8]",
        "tests/test_sums.py::test_negative",
    }
    assert set(run.errors) == {"tests/test_sums.py::test_broken", "tests/test_lost.py"}
    assert run.skipped == {"tests/test_sums.py::test_later"}
    assert run.exit_code == 1
    assert run.summary.startswith("1 passed, 2 failed, 2 errors, 1 skipped in ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pkg", "tests"]


async def test_a_failure_names_its_message_and_the_files_of_its_traceback(tmp_path: Path) -> None:
    run = await ran(write(tmp_path, MIXED))
    failure = run.failed["tests/test_sums.py::test_negative"]
    assert failure.message == "ValueError: below zero"
    assert failure.paths == ("tests/test_sums.py", "pkg/sums.py")
    assert "No module named 'pkg.missing'" in run.errors["tests/test_lost.py"].text


async def test_a_repository_without_tests_is_not_red(tmp_path: Path) -> None:
    run = await run_tests(sandbox(), write(tmp_path, {"a.py": ""}))
    assert run == NotRun("no_tests", "python -m pytest -q found no tests")


async def test_a_run_that_says_red_is_red_though_no_test_is(tmp_path: Path) -> None:
    files = {
        "conftest.py": "def pytest_sessionfinish(session):\n    session.exitstatus = 9\n",
        "test_a.py": "def test_a(): pass\n",
    }
    run = await ran(write(tmp_path, files))
    assert run.passed == {"test_a.py::test_a"}
    assert list(run.errors) == ["python -m pytest -q"]
    assert "exit code 9" in run.errors["python -m pytest -q"].message


async def test_tests_that_kill_their_own_run_give_no_result(tmp_path: Path) -> None:
    files = {"test_a.py": "import os\ndef test_a(): os._exit(0)\n"}
    run = await run_tests(sandbox(), write(tmp_path, files))
    assert isinstance(run, NotRun)
    assert (run.kind, "left no report" in run.why) == ("no_report", True)


async def test_a_report_that_lay_there_before_does_not_count(tmp_path: Path) -> None:
    planted = '<testsuites><testcase name="all good"/></testsuites>'
    files = {JUNIT: planted, "out/junit.xml": planted, "test_a.py": "def test_a(): assert 0\n"}
    write(tmp_path, files)
    assert list((await ran(tmp_path)).failed) == ["test_a.py::test_a"]
    other = await run_tests(
        sandbox(), tmp_path, command=("python", "-c", "pass"), junit="out/junit.xml"
    )
    assert isinstance(other, NotRun)
    assert other.kind == "no_report"


@pytest.mark.parametrize(("code", "passed"), [(0, True), (3, False)])
async def test_a_command_without_report_is_one_test(
    tmp_path: Path, code: int, passed: bool
) -> None:
    command = ("python", "-c", f"print('said'); raise SystemExit({code})")
    run = await ran(write(tmp_path, {"a": ""}), command=command)
    assert [*run.passed, *run.failed] == [shlex.join(command)]
    assert bool(run.passed) is passed
    assert [failure.message for failure in run.failed.values()] == ([] if passed else ["said"])


async def test_a_command_may_leave_its_report_where_it_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"})
    report = '<testsuite><testcase classname="c" name="n"><failure/></testcase></testsuite>'
    run = await ran(tmp_path, command=("python", "a.py", "{junit}", report))
    assert (list(run.failed), run.exit_code) == (["c::n"], 0)


async def test_a_command_that_does_not_exist_is_said_with_the_mend(tmp_path: Path) -> None:
    run = await run_tests(sandbox(), write(tmp_path, {"a": ""}), command=("nonesuch",))
    assert isinstance(run, NotRun)
    assert (run.kind, run.why) == (
        "no_tool",
        "nonesuch does not exist in the sandbox; mend `test.command` in .gatefleet.yml",
    )


@pytest.mark.parametrize("ended", ["timed_out", "idle", "output_limit", "out_of_memory", "killed"])
async def test_a_run_that_was_stopped_is_typed_even_if_it_left_a_report(
    tmp_path: Path, ended: Ended
) -> None:
    green = {JUNIT: '<testsuites><testcase name="a"/></testsuites>'}
    stopping = Scripted(Finished(ended, None, b"", 0, 60.0), green)
    run = await run_tests(stopping, tmp_path, timeout=timedelta(seconds=60))
    assert isinstance(run, NotRun)
    assert run.kind == ended
    assert stopping.ran[0].timeout == timedelta(seconds=60)


async def test_i44_tests_get_nothing_of_our_environment(tmp_path: Path) -> None:
    scripted = Scripted(Finished("exited", 5, b"", 0, 0.1))
    await run_tests(scripted, tmp_path)
    assert set(scripted.ran[0].env) <= {
        *("PATH", "PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS"),
        *("RUFF_NO_CACHE", "MYPY_CACHE_DIR", "NO_COLOR"),
    }

"""Run a repository's tests in a sandbox, and tell each test's outcome."""

import asyncio
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import ClassVar

from shared.checkers import junit as junit_xml
from shared.checkers import report_file
from shared.checkers.calling import called
from shared.checkers.outcome import NotRun, last_line, stopped
from shared.errors import Missing
from shared.sandbox import Command, Finished, Sandbox, tool_environment

DEFAULT_COMMAND = ("python", "-m", "pytest", "-q")
DEFAULT_TIMEOUT = timedelta(minutes=10)
NO_TESTS = "{command} found no tests"
NO_REPORT = "{command} ended with exit code {code} and left no report of its tests: {last}"
BAD_REPORT = "the report of {command} is not usable: {why}"
ENDED_RED = "ended with exit code {code} although no test failed: {last}"

MESSAGE_LIMIT = 300
_PYTEST_FOUND_NO_TESTS = 5
_AT = re.compile(r'^\s*(?:File "(?P<quoted>[^"\n]+)", line \d+|(?P<bare>[^\s:][^:\n]*):\d+:)', re.M)


@dataclass(frozen=True)
class Failure:
    """Why a test is red: its first line, the files its traceback names in order, all its text."""

    message: str
    paths: tuple[str, ...] = ()
    """From the top of the workspace; the last one is where it was raised."""
    text: str = ""


@dataclass(frozen=True)
class TestRun:
    """What a run of the tests said. Ids are pytest's node ids, or the command itself."""

    __test__: ClassVar[bool] = False

    passed: frozenset[str]
    failed: Mapping[str, Failure] = field(default_factory=dict)
    errors: Mapping[str, Failure] = field(default_factory=dict)
    """Red without having failed: set-up, teardown, files that could not be collected, the run."""
    skipped: frozenset[str] = frozenset()
    seconds: float = 0.0
    exit_code: int | None = 0
    summary: str = ""

    @property
    def red(self) -> dict[str, Failure]:
        """All that is not well: failures and errors."""
        return {**self.failed, **self.errors}


async def run_tests(
    sandbox: Sandbox,
    workspace: Path,
    *,
    command: Sequence[str] = DEFAULT_COMMAND,
    timeout: timedelta = DEFAULT_TIMEOUT,  # noqa: ASYNC109 - the sandbox keeps it
    python: str | None = None,
    junit: str | None = None,
) -> TestRun | NotRun:
    """Run `command` in `workspace`; never raises for red tests.

    pytest (`pytest …`, `python -m pytest …`) is asked for a report of our own; another command may
    leave one at `junit` (path or glob) or take `{junit}` for its place. Without a report the whole
    command is one test, passed by exit code 0. `python` names what `python` means; default: ours.
    Raises what the sandbox raises: BadInput (no such folder), Missing (it cannot be set up).
    """
    name = shlex.join(command)
    try:
        call = called(command, python=python, junit=junit)
    except Missing as error:
        return NotRun("no_tool", str(error))
    if call.report:
        await asyncio.to_thread(report_file.clear, workspace, call.report)
    environment, folders = tool_environment()
    finished = await sandbox.run(
        Command(call.argv, workspace, timeout, env=environment, read_only=folders)
    )
    left = await asyncio.to_thread(_left, workspace, call.report)
    if (end := stopped(finished, name)) is not None:
        return end
    if not call.report:
        return _as_one_test(name, finished)
    if isinstance(left, str):
        return NotRun("no_report", BAD_REPORT.format(command=name, why=left))
    return _of_reports(left, name, finished, sandbox.path(workspace))


def _left(workspace: Path, place: str) -> list[bytes] | str:
    return report_file.take(workspace, place) if place else []


def _of_reports(
    reports: Sequence[bytes], name: str, finished: Finished, top: str
) -> TestRun | NotRun:
    code, last = finished.exit_code, last_line(finished.output)
    if not reports and code != _PYTEST_FOUND_NO_TESTS:
        return NotRun("no_report", NO_REPORT.format(command=name, code=code, last=last))
    try:
        cases = [case for report in reports for case in junit_xml.parse(report)]
    except junit_xml.Unreadable as error:
        return NotRun("no_report", BAD_REPORT.format(command=name, why=error))
    if not cases and code in (0, _PYTEST_FOUND_NO_TESTS):
        return NotRun("no_tests", NO_TESTS.format(command=name))
    run = _of_cases(cases, finished, top)
    return run if code == 0 or run.red else _red_as_a_whole(run, name, last)


def _of_cases(cases: Sequence[junit_xml.Case], finished: Finished, top: str) -> TestRun:
    worst: dict[str, junit_xml.Case] = {}
    for case in cases:
        known = worst.get(case.id)
        if known is None or _rank(case) > _rank(known):
            worst[case.id] = case
    named = {
        outcome: {case.id: case for case in worst.values() if case.outcome == outcome}
        for outcome in junit_xml.WORST
    }
    run = TestRun(
        passed=frozenset(named["passed"]),
        failed={id: _failure(case, top) for id, case in named["failed"].items()},
        errors={id: _failure(case, top) for id, case in named["error"].items()},
        skipped=frozenset(named["skipped"]),
        seconds=finished.seconds,
        exit_code=finished.exit_code,
    )
    return _summed_up(run)


def _rank(case: junit_xml.Case) -> int:
    return junit_xml.WORST.index(case.outcome)


def _failure(case: junit_xml.Case, top: str) -> Failure:
    message = case.message.strip() or case.text.strip() or "no message"
    named = (match["quoted"] or match["bare"] for match in _AT.finditer(case.text))
    inside = (_from_the_top(path, top) for path in named)
    paths = tuple(dict.fromkeys(path for path in inside if path))
    return Failure(message.splitlines()[0][:MESSAGE_LIMIT], paths, case.text or case.message)


def _from_the_top(path: str, top: str) -> str:
    """A path of the workspace as the repository names it; empty for one outside."""
    relative = PurePosixPath(path.removeprefix(top.rstrip("/") + "/"))
    return "" if relative.is_absolute() or ".." in relative.parts else str(relative)


def _as_one_test(name: str, finished: Finished) -> TestRun:
    code, seconds = finished.exit_code, finished.seconds
    if finished.ok:
        return _summed_up(TestRun(frozenset({name}), seconds=seconds, exit_code=code))
    text = finished.output.decode("utf-8", "replace")[-junit_xml.TEXT_LIMIT :]
    message = last_line(finished.output, limit=MESSAGE_LIMIT) or f"exit code {code}"
    failed = {name: Failure(message, text=text)}
    return _summed_up(TestRun(frozenset(), failed, seconds=seconds, exit_code=code))


def _red_as_a_whole(run: TestRun, name: str, last: str) -> TestRun:
    """The command says red though no test is: a threshold, a crash at the end. Red it is."""
    failure = Failure(ENDED_RED.format(code=run.exit_code, last=last)[:MESSAGE_LIMIT])
    return _summed_up(replace(run, errors={name: failure}))


def _summed_up(run: TestRun) -> TestRun:
    counts = {
        "passed": len(run.passed),
        "failed": len(run.failed),
        "errors": len(run.errors),
        "skipped": len(run.skipped),
    }
    said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    return replace(run, summary=f"{said or 'nothing ran'} in {run.seconds:.1f} s")

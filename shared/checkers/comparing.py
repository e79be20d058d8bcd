"""Two runs of the tests side by side: what the change broke, what it mended, what was red before."""

from collections.abc import Iterable, Iterator, Sequence

from shared.checkers.outcome import NotRun
from shared.checkers.tests import TestRun
from shared.messages.content import TestsReport

BASE_RED = "{count} red on the base already, not blamed on the change"
BASE_NOT_RUN = "the base could not be run ({why}), so nothing red can be called old"
NEWLY_RED = "{count} newly red: {names}"
NEWLY_GREEN = "{count} mended"
EXPECTED_MISSING = "the issue asks for {names} to pass, and it does not"
EXPECTED_GREEN = "{names} passed on the base already"
GONE = "{count} that passed on the base no longer run: {names}"
NOT_RUN_BEFORE_EITHER = "{why}; the same on the base"

SHOWN = 3


def compare(
    base: TestRun | NotRun, now: TestRun | NotRun, expected: Iterable[str] = ()
) -> TestsReport:
    """The report of a change. `expected`: test ids that the issue wants to pass.

    Red on the base is said and never blamed. What cannot be known is not ok: where `now` has no
    result the report is not ok, unless neither side has tests and none is expected. Tests that were
    stopped (by a time limit, say) did run.
    """
    wanted = tuple(dict.fromkeys(expected))
    if isinstance(now, NotRun):
        return _without_result(base, now, wanted)
    old = {name for name in now.red if _was_red(name, base)}
    missing = tuple(name for name in wanted if name not in now.passed)
    report = TestsReport(
        ran=True,
        ok=old == set(now.red) and not missing,
        passed=len(now.passed),
        failed=len(now.red),
        newly_failing=tuple(sorted(set(now.red) - old)),
        newly_passing=tuple(sorted(name for name in now.passed if _was_red(name, base))),
        still_failing=tuple(sorted(old)),
        seconds=now.seconds,
    )
    green_before = [name for name in wanted if isinstance(base, TestRun) and name in base.passed]
    said = [now.summary, *_said(report, base, missing), *_aside(green_before, vanished(base, now))]
    return report.model_copy(update={"summary": "; ".join(part for part in said if part)})


def vanished(base: TestRun | NotRun, now: TestRun | NotRun) -> tuple[str, ...]:
    """Tests that passed on the base and are neither passed nor red now: deleted or skipped."""
    if isinstance(base, NotRun) or isinstance(now, NotRun):
        return ()
    red_files = {name for name in now.red if "::" not in name}
    return tuple(
        sorted(
            name
            for name in base.passed - now.passed - set(now.red)
            if name.split("::")[0] not in red_files  # its file is red as a whole: said once
        )
    )


def _was_red(name: str, base: TestRun | NotRun) -> bool:
    """Whether the base had it red, by itself or because its whole file could not be collected."""
    return isinstance(base, TestRun) and not {name, name.split("::")[0]}.isdisjoint(base.red)


def _said(report: TestsReport, base: TestRun | NotRun, missing: Sequence[str]) -> Iterator[str]:
    """What decides, in words."""
    if report.newly_failing:
        count, names = len(report.newly_failing), _some(report.newly_failing)
        if isinstance(base, NotRun) and base.kind != "no_tests":
            yield BASE_NOT_RUN.format(why=base.why)
        yield NEWLY_RED.format(count=count, names=names)
    if report.newly_passing:
        yield NEWLY_GREEN.format(count=len(report.newly_passing))
    if missing:
        yield EXPECTED_MISSING.format(names=_some(missing))
    if report.still_failing:
        yield BASE_RED.format(count=len(report.still_failing))


def _aside(green_before: Sequence[str], gone: Sequence[str]) -> Iterator[str]:
    """What people should know besides."""
    if green_before:
        yield EXPECTED_GREEN.format(names=_some(green_before))
    if gone:
        yield GONE.format(count=len(gone), names=_some(gone))


def _without_result(base: TestRun | NotRun, now: NotRun, wanted: tuple[str, ...]) -> TestsReport:
    same = isinstance(base, NotRun) and base.kind == now.kind
    nothing_to_run = same and now.kind == "no_tests" and not wanted
    summary = NOT_RUN_BEFORE_EITHER.format(why=now.why) if same else now.why
    return TestsReport(ran=now.was_stopped, ok=nothing_to_run, summary=summary)


def _some(listed: Sequence[str]) -> str:
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more

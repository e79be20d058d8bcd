"""Times, money and the first line of what people read on the command line. Pure."""

from datetime import datetime

from services.cli.elsewhere import Answering, Elsewhere
from services.cli.page import joined
from services.console.shapes import Budget, RepositoryAnswer, Spending
from services.console.told.line import duration, money
from services.fleet.circumstances import Circumstances, waits

NOTHING_RUNS = "nothing runs; as of {at}"
NOTHING_RUNS_YET = "nothing runs, and nothing was heard yet"
RUNS_SINCE = "runs since {at} (pid {pid})"
ASKED_AT = "asked at {url}"
NO_MONEY = "no money: the policy's budget is 0"
BUDGET = "budget {run} a run, {issue} an issue, {day} a day"
TIMES = "{count} run{s}, {time}"
NOT_ALL_KNOWN = " and more"
NOW, MINUTES, HOURS, DAYS = "now", "{count} min", "{count} h", "{count} d"
JUST_NOW, LASTS = "just now", "for {time}"
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400


def first_line(
    repository: RepositoryAnswer | None, waiting: int, running: Answering | None,
    as_of: datetime | None, now: datetime,
) -> str:  # fmt: skip
    """Which repository, whether it runs, the budget, how much waits for you, and the page."""
    budget = repository.budget if repository is not None else None
    return joined((
        repository.repository if repository is not None else "",
        whether_it_runs(running, as_of, now),
        _budget(budget) if budget is not None else "",
        waits(waiting),
        running.pages if running is not None else "",
    ))  # fmt: skip


def whether_it_runs(running: Answering | None, as_of: datetime | None, now: datetime) -> str:
    """Since when, or since when not."""
    if isinstance(running, Elsewhere):
        return ASKED_AT.format(url=running.console_url)
    if running is not None:
        return RUNS_SINCE.format(at=clock(running.since, now), pid=running.pid)
    return NOTHING_RUNS.format(at=clock(as_of, now)) if as_of else NOTHING_RUNS_YET


def troubles(repository: RepositoryAnswer) -> list[str]:
    """What keeps the fleet from its work, in the words that `up` has for it."""
    return Circumstances(
        policy_errors=repository.policy_errors, branch=repository.default_branch or "",
        on=repository.on, findings=repository.findings, stopped=repository.stopped,
    ).troubles()  # fmt: skip


def clock(at: datetime, now: datetime) -> str:
    """A time where the reader is: with its day when that is another one."""
    here, today = at.astimezone(), now.astimezone()
    return f"{here:%H:%M}" if here.date() == today.date() else f"{here:%Y-%m-%d %H:%M}"


def ago(at: datetime | None, now: datetime) -> str:
    """How long it is since: `now`, `3 min`, `2 h`, `5 d`; empty: nobody knows."""
    if at is None:
        return ""
    seconds = (now - at).total_seconds()
    if seconds < _MINUTE_S:
        return NOW
    if seconds < _HOUR_S:
        return MINUTES.format(count=int(seconds // _MINUTE_S))
    if seconds < 2 * _DAY_S:
        return HOURS.format(count=int(seconds // _HOUR_S))
    return DAYS.format(count=int(seconds // _DAY_S))


def lasting(at: datetime | None, now: datetime) -> str:
    """For how long it has been so: `just now`, `for 3 min`; empty: nobody knows."""
    time = ago(at, now)
    return JUST_NOW if time == NOW else LASTS.format(time=time) if time else ""


def used(spent: Spending) -> str:
    """Runs, time and money: `3 runs, 42 s, $0.12`."""
    if not spent.runs:
        return ""
    plural = "" if spent.runs == 1 else "s"
    words = TIMES.format(count=spent.runs, s=plural, time=duration(spent.seconds))
    if spent.money_micros:
        words += f", {money(spent.money_micros)}"
    return words if spent.known else words + NOT_ALL_KNOWN


def page_of(running: Answering | None, issue: int | None, pull_request: int | None = None) -> str:
    """Where a person reads it: the pull request where there is one; empty when nothing serves it."""
    if running is None or issue is None or not running.pages:
        return ""
    home = running.pages.rstrip("/")
    if not home.endswith(running.repository):
        home = f"{home}/{running.repository}"
    return f"{home}/issues/{issue}" if pull_request is None else f"{home}/pull/{pull_request}"


def _budget(budget: Budget) -> str:
    if not budget.run_micros:
        return NO_MONEY
    return BUDGET.format(
        run=money(budget.run_micros), issue=money(budget.issue_micros),
        day=money(budget.day_micros),
    )  # fmt: skip

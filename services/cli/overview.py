"""The table of `gatefleet status`: what waits for you first, what is done last. Pure but for the page."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich.table import Table
from rich.text import Text

from services.cli.page import NEXT, Page, joined, plain
from services.cli.wording import ago, used
from services.console.shapes import Group, IssueLine

HEADINGS: dict[Group, str] = {
    "you": "Waits for you",
    "runs": "Runs",
    "queue": "Queue",
    "rests": "Rests, or waits for something else",
    "untouched": "Nobody put forward",
    "done": "Done lately",
}
DONE = "Done"
STYLES: dict[Group, str] = {
    "you": "cyan", "runs": "green", "queue": "", "rests": "yellow", "untouched": "dim", "done": "dim",
}  # fmt: skip
UNTOUCHED_LEFT_OUT = (
    "{count} open issue(s) that nobody put forward; `gatefleet status --all` lists them"
)
DONE_LEFT_OUT = "and {count} more; `gatefleet status --all` lists them"
NO_ISSUES = "No issue is known yet; `gatefleet propose` looks for some, or write one on the page."
PLACE, PULL, ROUND, SINCE = "place {place}", "PR #{number}", "round {round} of {rounds}", "{time}"
MOST_DONE = 5
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_STATE_WIDTH = 16


def overview(page: Page, issues: Sequence[IssueLine], now: datetime, *, everything: bool) -> None:
    """Paint the groups that hold something."""
    if not issues:
        page.add(Text(NO_ISSUES))
    for group, heading in HEADINGS.items():
        mine = ordered(group, issues)
        if not mine:
            continue
        left_out = [] if everything else _left_out(group, mine)
        shown = mine[: len(mine) - len(left_out)]
        if shown:
            words = DONE if everything and group == "done" else heading
            page.add("", Text(words, style="bold"), _table(page, shown, now))
        if left_out:
            words = UNTOUCHED_LEFT_OUT if group == "untouched" else DONE_LEFT_OUT
            lead = "" if shown else "\n"
            page.add(Text(f"{lead}  {words.format(count=len(left_out))}", style="dim"))


def ordered(group: Group, issues: Iterable[IssueLine]) -> list[IssueLine]:
    """One group: the queue by place, what is done the latest first, all else by how long it waits."""
    mine = [each for each in issues if each.group == group]
    if group == "queue":
        return sorted(mine, key=lambda each: (each.place or len(mine) + 1, each.number))
    if group == "done":
        return sorted(mine, key=lambda each: (each.since or _LONG_AGO, each.number), reverse=True)
    if group == "untouched":
        return sorted(mine, key=lambda each: each.number)
    return sorted(mine, key=lambda each: (each.since or _LONG_AGO, each.number))


def _left_out(group: Group, issues: list[IssueLine]) -> list[IssueLine]:
    if group == "untouched":
        return issues
    return issues[MOST_DONE:] if group == "done" else []


def _table(page: Page, issues: Sequence[IssueLine], now: datetime) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=True, expand=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(min_width=_STATE_WIDTH, max_width=_STATE_WIDTH)
    table.add_column(ratio=1, overflow="fold")
    if not page.is_narrow:
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, justify="right")
    for each in issues:
        number = Text(f"#{each.number}", style="bold")
        state = Text(each.state_in_words, style=STYLES[each.group])
        facts = _facts(each)
        since = ago(each.since, now)
        if page.is_narrow:
            table.add_row(number, state, _about(each, joined((facts, used(each.spent), since))))
        else:
            table.add_row(number, state, _about(each, used(each.spent)), Text(facts), Text(since))
    return table


def _about(issue: IssueLine, more: str) -> Text:
    """The title, what it has cost, and what it waits for."""
    about = Text(plain(issue.title))
    if more:
        about.append(f"\n{more}", style="dim")
    if issue.group == "done":
        return about
    waits = plain(issue.doing) if issue.doing else plain(issue.why)
    about.append(f"\n{waits}", style="dim")
    if issue.group in ("you", "rests"):
        about.append(f"\n{NEXT}{plain(issue.next)}")
    if issue.note and issue.group == "you":
        about.append(f"\n{plain(issue.note)}", style="yellow")
    return about


def _facts(issue: IssueLine) -> str:
    is_open = issue.pull_request is not None and issue.round
    return joined((
        PLACE.format(place=issue.place) if issue.place else "",
        PULL.format(number=issue.pull_request) if issue.pull_request else "",
        ROUND.format(round=issue.round, rounds=issue.rounds) if is_open else "",
    ))  # fmt: skip

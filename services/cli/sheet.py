"""`gatefleet status N`: one issue with its approval, pull requests and runs."""

from datetime import datetime

from rich.table import Table
from rich.text import Text

from services.cli.page import NEXT, Page, joined, link, plain
from services.cli.reading import Source
from services.cli.wording import clock, lasting, page_of, used, whether_it_runs
from services.console.shapes import IssueAnswer, PullLine, RunLine
from services.console.told.line import AGENTS

TITLE = "#{number} {title}"
PULL_OF = "#{asked} is the pull request of issue #{number}."
STANDS = "{state}: {why}"
APPROVED = "approved by {by} at {at}, text {digest}, until {until}"
NEVER = "not approved"
PULL = "#{number} {state}, {files} file(s), {lines} line(s), round {round}"
PULL_BARE = "#{number} {state}"
VERDICT = "review: {verdict}{tests}"
INPUT = "{value:<8}{name}: {cause}"
RUN_LIVES, RUN_ENDED = "runs: {line}", "{end}: {reason}"
REFUSED = "not carried out: {why}"
DIGEST = 16


def sheet(page: Page, answer: IssueAnswer, found: Source, now: datetime) -> None:
    """Paint it."""
    issue = answer.issue
    page.line(joined((answer.repository, whether_it_runs(found.running, found.as_of, now))))
    if answer.asked != issue.number:
        page.add(PULL_OF.format(asked=answer.asked, number=issue.number))
    page.add("", Text(TITLE.format(number=issue.number, title=plain(issue.title)), style="bold"))
    since = lasting(issue.since, now)
    page.add(STANDS.format(state=issue.state_in_words, why=plain(issue.why)))
    page.add(f"{NEXT}{plain(issue.next)}")
    if issue.note:
        page.add(Text(plain(issue.note), style="yellow"))
    page.add(Text(joined((since, used(issue.spent))), style="dim"))
    where = page_of(found.running, issue.number, issue.pull_request)
    if where:
        page.add(link(where))
    rows = [("approval", _approval(answer, now)), *(_pulls(answer))]
    rows += [("run", _run(each, now)) for each in answer.runs]
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    before = ""
    for name, words in rows:
        table.add_row("" if name == before else name, words)
        before = name
    page.add("", table)


def _approval(answer: IssueAnswer, now: datetime) -> Text:
    given = answer.approval
    if given is None:
        return Text(NEVER)
    return Text(APPROVED.format(
        by=plain(given.by), at=clock(given.at, now), digest=given.digest[:DIGEST],
        until=clock(given.expires_at, now),
    ))  # fmt: skip


def _pulls(answer: IssueAnswer) -> list[tuple[str, Text]]:
    return [("pull request", _pull(each)) for each in answer.pull_requests]


def _pull(pull: PullLine) -> Text:
    words = PULL if pull.round else PULL_BARE
    text = Text(words.format(
        number=pull.number, state=pull.state.replace("_", " "), files=pull.files, lines=pull.lines,
        round=pull.round,
    ))  # fmt: skip
    if pull.verdict is not None:
        tests = f" ({plain(pull.tests)})" if pull.tests else ""
        text.append("\n" + VERDICT.format(verdict=pull.verdict.value, tests=tests))
    for finding in pull.findings:
        text.append(f"\n  {plain(finding)}", style="yellow")
    if pull.state == "open":
        for each in pull.inputs:
            line = INPUT.format(value=each.value, name=each.name, cause=plain(each.cause))
            text.append(f"\n  {line}", style="dim" if each.value == "pass" else "")
    return text


def _run(run: RunLine, now: datetime) -> Text:
    agent = AGENTS[run.kind] if run.kind is not None else ""
    at = clock(run.started_at, now) if run.started_at is not None else ""
    kind = run.kind.value if run.kind is not None else ""
    words = RUN_LIVES.format(line=plain(run.line)) if run.lives else RUN_ENDED.format(
        end=run.end.value.replace("_", " ") if run.end is not None else "over",
        reason=plain(run.reason),
    )  # fmt: skip
    time = used(run.spent).partition(", ")[2]
    text = Text(joined((at, f"{agent} {kind}".strip(), words, time)))
    if run.refused:
        text.append("\n" + REFUSED.format(why=plain(run.refused)), style="yellow")
    return text

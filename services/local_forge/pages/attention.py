"""What waits for the person in a repository: the lines at the top of its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from services.local_forge.domain.forge import Forge
from services.local_forge.domain.listing import Listing
from services.local_forge.pages.verdicts import Verdict, verdict_on
from services.local_forge.tables import Issue, Repository

PROPOSED, APPROVED = "proposed", "approved"
NEEDS_YOU, STOP = "gatefleet:needs-you", "gatefleet:stop"

STOPPED = ("The fleet is stopped by an open issue", "The fleet is stopped by {count} open issues")
NEEDED = ("1 item needs you", "{count} items need you")
WAITING = ("1 issue waits for your approval", "{count} issues wait for your approval")
READY = ("1 pull request is ready to merge", "{count} pull requests are ready to merge")
LOOK, DECIDE, REVIEW = "Look", "Decide", "Review"


@dataclass(frozen=True)
class Waiting:
    """One line: what waits, and where to go for it."""

    words: str
    href: str
    verb: str
    tone: Literal["good", "warn", "bad", ""]


def attention(
    home: str, *, opened: Sequence[Issue], verdicts: Mapping[int, Verdict]
) -> list[Waiting]:
    """The lines for what is open; `verdicts` are those of pull requests, by number."""
    stops = [issue for issue in opened if _has(issue, STOP) and not issue.pull]
    needs = [issue for issue in opened if _has(issue, NEEDS_YOU)]
    asked = [issue for issue in opened if waits_for_approval(issue)]
    ready = [
        issue
        for issue in opened
        if issue.pull and not issue.pull.draft and verdicts[issue.number].mark == "pass"
    ]
    lines = [
        _line(stops, STOPPED, LOOK, tone="bad", many=_by_label(home, STOP), home=home),
        _line(needs, NEEDED, LOOK, tone="warn", many=_by_label(home, NEEDS_YOU), home=home),
        _line(asked, WAITING, DECIDE, tone="", many=_by_label(home, PROPOSED), home=home),
        _line(ready, READY, REVIEW, tone="good", many=f"{home}/pulls", home=home),
    ]
    return [line for line in lines if line is not None]


def waits_for_approval(issue: Issue) -> bool:
    """An open issue that was proposed and that nobody approved yet."""
    is_open = issue.state == "open" and issue.pull is None
    return is_open and _has(issue, PROPOSED) and not _has(issue, APPROVED)


async def opened_with_verdicts(
    forge: Forge, repo: Repository
) -> tuple[list[Issue], dict[int, Verdict]]:
    """All that is open, newest first, and the verdict on each pull request."""
    opened = list(forge.issues.list(repo, Listing()))
    return opened, await verdicts_of(forge, opened)


async def verdicts_of(forge: Forge, issues: Sequence[Issue]) -> dict[int, Verdict]:
    """The verdict on each open pull request among `issues`, by number."""
    return {
        issue.number: await verdict_on(forge, issue)
        for issue in issues
        if issue.pull is not None and issue.state == "open"
    }


def _has(issue: Issue, name: str) -> bool:
    return any(label.folded == name.casefold() for label in issue.labels)


def _by_label(home: str, name: str) -> str:
    return f"{home}/issues?{urlencode({'label': name})}"


def _line(
    issues: Sequence[Issue],
    words: tuple[str, str],
    verb: str,
    *,
    tone: Literal["good", "warn", "bad", ""],
    many: str,
    home: str,
) -> Waiting | None:
    """One issue is gone to directly, several by a list."""
    if not issues:
        return None
    if len(issues) > 1:
        return Waiting(words[1].format(count=len(issues)), many, verb, tone)
    (issue,) = issues
    kind = "pull" if issue.pull else "issues"
    return Waiting(f"{words[0]}: {issue.title}", f"{home}/{kind}/{issue.number}", verb, tone)

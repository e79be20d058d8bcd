"""Issues as the log tells of them, for tests that need no fleet."""

from dataclasses import replace
from typing import Any

from services.console.view import IssueView
from shared.lifecycle import Grant, IssueFacts, PullRequest

HEAD = "a" * 40
MERGE = "b" * 40


def proposed(number: int, **changes: Any) -> IssueView:
    """A proposal that nobody has decided on."""
    view = IssueView(number, title=f"Mend {number}", facts=IssueFacts(by_fleet=True, proposed=True))
    return replace(view, **changes)


def facts(view: IssueView, **changes: Any) -> IssueView:
    """The view with other facts."""
    return replace(view, facts=replace(view.facts, **changes))


def approved(number: int, **changes: Any) -> IssueView:
    """A proposal that a person approved."""
    view = facts(proposed(number, approved_by="you", digest="d" * 64), approval=Grant.LIVE)
    return replace(view, **changes)


def ready(number: int, *, head: str = HEAD) -> IssueView:
    """Its pull request may be merged."""
    view = approved(number, pull_request=number + 100, head_sha=head, review_rounds=1)
    return facts(
        view, pull_request=PullRequest.OPEN, pull_request_number=number + 100, gate_open=True
    )


def merged(number: int, *, sha: str = MERGE) -> IssueView:
    """It went the whole way."""
    return facts(replace(ready(number), merged_sha=sha), pull_request=PullRequest.MERGED)

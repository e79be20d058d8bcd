"""Work on an issue rests: until a time, or until a person says the words that continue it."""

from datetime import datetime

from services.scheduler.records import issue
from shared.messages import Repo
from shared.messages.work import IssueParked
from shared.store import Handling

PAUSED_WORDS = "comment `/gatefleet resume`"
RETRY_WORDS = "comment `/gatefleet retry`"


def rest(
    at: Handling, repo: Repo, number: int, why: str, *, words: str = RETRY_WORDS,
    until: datetime | None = None,
) -> list[IssueParked]:  # fmt: skip
    """Let work on it rest, and say so once: the same reason twice is not news."""
    row = issue(at.session, repo, number)
    if row is None or (row.rest == why and row.rest_until == until):
        return []
    row.rest, row.rest_until, row.rest_words = why, until, words
    if until is None and row.pull_request is not None:
        row.waits_since = row.waits_since or at.now
    at.session.flush()
    return [IssueParked(repo=repo, issue=number, until=until, why=why, next=words)]


def wake(at: Handling, repo: Repo, number: int) -> None:
    """Work on it may go on."""
    row = issue(at.session, repo, number)
    if row is not None:
        row.rest, row.rest_until, row.rest_words = None, None, ""
        row.waits_since = None
        at.session.flush()

"""Issues and their comments: reads."""

from datetime import datetime

from shared.errors import TryLater
from shared.forge.facts import Changed
from shared.forge.github.changes import changes
from shared.forge.github.errors import UNREADABLE, Gone, Moved, NotFound
from shared.forge.github.pages import Listing, everything
from shared.forge.github.resource import Resource
from shared.forge.github.shapes import CommentShape, IssueShape
from shared.messages.objects import Comment, Issue


class IssueReads(Resource):
    """Issues and comments."""

    async def issues_since(self, since: datetime | None, *, etag: str | None = None) -> Changed:
        """Issues and pull requests of any state changed at or after `since`."""
        listing = Listing(f"{self._root}/issues", self._subject(), {"state": "all"})
        seen = await changes(self._client, listing, shape=IssueShape, since=since, etag=etag)
        items = seen.items or ()
        return Changed(
            issues=tuple(item.issue() for item in items if item.pull_request is None),
            pull_requests=tuple(item.number for item in items if item.pull_request is not None),
            etag=seen.etag,
            not_modified=seen.items is None,
        )

    async def open_issues(self, *, label: str | None = None) -> tuple[Issue, ...]:
        """All open issues, or those with a label, without pull requests."""
        asked = {"state": "open", "sort": "created", "direction": "asc"}
        if label is not None:
            asked["labels"] = label
        listing = Listing(f"{self._root}/issues", self._subject(), asked)
        items = await everything(self._client, listing, shape=IssueShape)
        issues = tuple(item.issue() for item in items if item.pull_request is None)
        return issues if label is None else tuple(it for it in issues if _has(it, label))

    async def issue(self, number: int) -> Issue | None:
        """One issue; None when it was deleted or moved away, or is a pull request."""
        subject = self._subject(number)
        try:
            answer = await self._client.get(f"{self._root}/issues/{number}", subject=subject)
        except (NotFound, Gone, Moved):
            return None
        item = answer.read(IssueShape, subject=subject)
        return None if item.pull_request is not None else item.issue()

    async def comments(self, number: int) -> tuple[Comment, ...]:
        """All comments of an issue or pull request, oldest first."""
        listing = Listing(f"{self._root}/issues/{number}/comments", self._subject(number), {})
        items = await everything(self._client, listing, shape=CommentShape)
        return tuple(item.comment(number) for item in items)

    async def comments_since(self, since: datetime) -> tuple[Comment, ...]:
        """All comments of the repository changed at or after `since`, oldest change first."""
        listing = Listing(f"{self._root}/issues/comments", self._subject(), {})
        seen = await changes(self._client, listing, shape=CommentShape, since=since)
        return tuple(item.comment(self._number_of(item)) for item in seen.items or ())

    def _number_of(self, item: CommentShape) -> int:
        """The issue that a comment of the whole repository's listing stands on."""
        last = item.issue_url.rpartition("/")[2]
        if not last.isdecimal():
            cause = f"comment {item.id} names no issue"
            raise TryLater(UNREADABLE.format(subject=self._subject(), cause=cause))
        return int(last)


def _has(issue: Issue, label: str) -> bool:
    """The forge takes a comma for two labels, and ignores the case: so it is compared here."""
    return label.casefold() in {name.casefold() for name in issue.labels}

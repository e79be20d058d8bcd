"""The forge as services see it: what may be read, and the few things that may be written.

Every method speaks of one repository. Errors: `TryLater` (with the time the forge named, if any),
`Refused` (the token or an allow-list says no), `BadInput` (the request itself is wrong); their text
begins with `owner/name#N:`. There is no merge, no approval, no change of a branch or of a setting.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from shared.forge.facts import (
    Capabilities,
    Changed,
    Delivery,
    Identity,
    Rate,
    RepositoryFacts,
    ReviewNote,
    Role,
    Unreadable,
    Verdict,
)
from shared.messages.objects import (
    Actor,
    Check,
    Comment,
    Edit,
    Issue,
    Protection,
    PullRequest,
    Review,
    ReviewComment,
    TimelineEvent,
)


class Reader(Protocol):
    """Everything the fleet reads. A list is complete, or the call raises `TryLater`."""

    async def repository(self) -> RepositoryFacts:
        """Identity, default branch, its head and the names of all labels."""
        ...

    async def me(self) -> Identity:
        """Who the token is; asked once and remembered."""
        ...

    async def capabilities(self) -> Capabilities:
        """What this forge and this token can do."""
        ...

    def rate(self) -> Rate | None:
        """The allowance that the last answer told of; None before the first."""
        ...

    async def issues_since(self, since: datetime | None, *, etag: str | None = None) -> Changed:
        """Issues and pull requests of any state changed at or after `since`.

        `etag` is what the last call with the same `since` returned; unchanged costs nothing.
        """
        ...

    async def open_issues(self, *, label: str | None = None) -> tuple[Issue, ...]:
        """All open issues, or those with a label, without pull requests."""
        ...

    async def issue(self, number: int) -> Issue | None:
        """One issue; None when it was deleted or moved away, or is a pull request."""
        ...

    async def comments(self, number: int) -> tuple[Comment, ...]:
        """All comments of an issue or pull request, oldest first."""
        ...

    async def comments_since(self, since: datetime) -> tuple[Comment, ...]:
        """All comments of the repository changed at or after `since`."""
        ...

    async def timeline(self, number: int) -> tuple[TimelineEvent, ...]:
        """All events of an issue or pull request, oldest first."""
        ...

    async def edits(self, number: int) -> tuple[Edit, ...] | Unreadable:
        """Edits of an issue's body and comments; `Unreadable` when the forge tells only a part."""
        ...

    async def role(self, actor: Actor) -> Role | Unreadable:
        """The role the account has now. Any error, and a login that changed hands: `Unreadable`."""
        ...

    async def open_pull_requests(self) -> tuple[PullRequest, ...]:
        """All open pull requests."""
        ...

    async def closed_pull_requests(
        self, since: datetime, *, head_prefix: str = ""
    ) -> tuple[PullRequest, ...]:
        """Pull requests from this repository's branches, closed, and changed at or after `since`."""
        ...

    async def pull_request(self, number: int) -> PullRequest | None:
        """One pull request, with mergeability; None when it is not there."""
        ...

    async def pull_requests_of_branch(self, branch: str) -> tuple[PullRequest, ...]:
        """Pull requests of any state from this repository's branch, newest first."""
        ...

    async def reviews(self, number: int) -> tuple[Review, ...]:
        """All submitted reviews, oldest first."""
        ...

    async def review_comments(self, number: int) -> tuple[ReviewComment, ...]:
        """All comments on lines of the diff."""
        ...

    async def checks(self, sha: str) -> tuple[Check, ...]:
        """All check runs, and of each creator's statuses the latest per context, on that SHA."""
        ...

    async def changed_file_count(self, number: int) -> int:
        """How many files the forge says the pull request changes."""
        ...

    async def protection(self, branch: str) -> Protection:
        """What holds for everyone on the branch; what cannot be read is said, never assumed."""
        ...

    async def file(self, path: str, *, ref: str) -> bytes | None:
        """A file's bytes at a branch or SHA; None when there is no such file."""
        ...

    async def branch_sha(self, branch: str) -> str | None:
        """The branch's head; None when there is no such branch."""
        ...

    async def branches(self, prefix: str) -> Mapping[str, str]:
        """Branches whose name begins with `prefix`, with their heads."""
        ...

    async def failed_deliveries(self, since: datetime) -> tuple[Delivery, ...]:
        """Webhook deliveries after `since` of which no attempt succeeded (capability)."""
        ...

    async def redeliver(self, delivery: int) -> None:
        """Ask for one more attempt of a delivery (capability)."""
        ...

    async def close(self) -> None:
        """Give the connections back."""
        ...


class Writer(Reader, Protocol):
    """The few effects there are. Each looks for its own earlier work first; running twice is once.

    A `marker` is a piece of the body by which an object of ours is found again.
    """

    async def create_issue(
        self, *, title: str, body: str, labels: Sequence[str], marker: str
    ) -> Issue:
        """The fleet's issue whose body holds `marker`, made if there is none."""
        ...

    async def update_issue(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> Issue:
        """Replace what is given; the rest stays."""
        ...

    async def close_issue(self, number: int) -> Issue:
        """Close it as not planned: a person declined it."""
        ...

    async def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Put labels on an issue or pull request; those already there stay."""
        ...

    async def remove_label(self, number: int, label: str) -> None:
        """Take a label off; one that is not there is fine."""
        ...

    async def ensure_label(self, name: str, *, color: str, description: str) -> None:
        """Make the label if the repository does not have it; one that exists is left as it is."""
        ...

    async def create_comment(self, number: int, *, body: str, marker: str) -> Comment:
        """The fleet's comment there whose body holds `marker`, made if there is none."""
        ...

    async def edit_comment(self, comment: int, *, body: str) -> Comment:
        """Replace the text of one of the fleet's comments."""
        ...

    async def create_pull_request(
        self, *, head: str, base: str, title: str, body: str
    ) -> PullRequest:
        """The newest pull request from `head` into `base`, of any state, made if there is none."""
        ...

    async def update_pull_request(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> PullRequest:
        """Replace what is given; the rest stays."""
        ...

    async def close_pull_request(self, number: int) -> PullRequest:
        """Close it unmerged."""
        ...

    async def post_review(
        self, number: int, *, sha: str, body: str, notes: Sequence[ReviewNote] = ()
    ) -> Review:
        """Comment on the changes at `sha`; the fleet's same text on the same SHA is found again."""
        ...

    async def set_check(
        self,
        sha: str,
        *,
        name: str,
        external_id: str,
        conclusion: Verdict | None,
        title: str,
        summary: str,
    ) -> Check:
        """Say a verdict on a SHA; None is still open. What already says so is not written again."""
        ...

    async def request_review(self, number: int, login: str) -> None:
        """Ask one person for a review."""
        ...

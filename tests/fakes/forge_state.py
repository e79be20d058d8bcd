"""What a forge holds, in memory, and how it comes to change: the state behind `FakeReader`."""

import hashlib
from collections import defaultdict
from datetime import datetime
from typing import Any

from shared.clock import Clock
from shared.forge.facts import Delivery
from shared.messages.base import Repo
from shared.messages.objects import (
    Actor,
    Check,
    Comment,
    Edit,
    Issue,
    Protection,
    PullRequest,
    Review,
    TimelineEvent,
)

REPO = Repo(owner="octo", name="hello", id="4711")
WRITER = Actor(id=7, login="you", kind="User")
FLEET = Actor(id=90, login="gatefleet[bot]", kind="Bot")
PROTECTED = Protection(readable=True, pull_request_required=True, approvals=1)


def sha_of(text: str) -> str:
    """A SHA that is made of a name."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class ForgeState:
    """What the forge holds, and how it comes to change. Times are the clock's, in whole seconds."""

    def __init__(self, clock: Clock, repo: Repo = REPO) -> None:
        self.clock = clock
        self.repo = repo
        self.default_branch = "main"
        self.labels: tuple[str, ...] = ("approved", "proposed")
        self.guards = PROTECTED
        self.heads: dict[str, str] = {"main": sha_of("first")}
        self.files: dict[tuple[str, str], bytes] = {}
        self.issues: dict[int, Issue] = {}
        self.pulls: dict[int, PullRequest] = {}
        self.talk: dict[int, list[Comment]] = defaultdict(list)
        self.judgements: dict[int, list[Review]] = defaultdict(list)
        self.verdicts: dict[str, list[Check]] = defaultdict(list)
        self.events: dict[int, list[TimelineEvent]] = defaultdict(list)
        self.edited: dict[int, list[Edit]] = defaultdict(list)
        self.roles: dict[int, str] = {WRITER.id: "write"}
        self.failed: list[Delivery] = []
        self.redelivered: list[int] = []
        self._ids = 100

    def now(self) -> datetime:
        """The forge's time: it knows no parts of a second."""
        return self.clock.now().replace(microsecond=0)

    def open_issue(self, title: str, *, body: str = "", author: Actor = WRITER) -> Issue:
        """A new issue."""
        number, now = self._number(), self.now()
        self.issues[number] = Issue(
            number=number, node_id=f"I_{number}", title=title, body=body, state="open",
            author=author, created_at=now, updated_at=now,
        )  # fmt: skip
        return self.issues[number]

    def change_issue(self, number: int, **changes: Any) -> Issue:
        """Fields of an issue are other ones now."""
        update = {**changes, "updated_at": self.now()}
        self.issues[number] = self.issues[number].model_copy(update=update)
        return self.issues[number]

    def comment(self, number: int, body: str, *, author: Actor = WRITER) -> Comment:
        """A new comment on an issue or pull request."""
        now = self.now()
        made = Comment(
            id=self._id(), number=number, author=author, body=body, created_at=now, updated_at=now
        )
        self.talk[number].append(made)
        self._touch(number)
        return made

    def change_comment(self, comment: Comment, body: str | None) -> None:
        """Another text; None deletes it."""
        kept = [each for each in self.talk[comment.number] if each.id != comment.id]
        if body is not None:
            update = {"body": body, "updated_at": self.now()}
            kept = [*kept, comment.model_copy(update=update)]
        self.talk[comment.number] = kept
        self._touch(comment.number)

    def open_pull_request(self, branch: str, *, author: Actor = FLEET) -> PullRequest:
        """A pull request from `branch`, which is pushed first if it is not there."""
        number, now = self._number(), self.now()
        head = self.heads.setdefault(branch, sha_of(branch))
        self.pulls[number] = PullRequest(
            number=number, node_id=f"PR_{number}", title=branch, body="", state="open",
            author=author, head_ref=branch, head_sha=head, head_repo=str(self.repo),
            base_ref=self.default_branch, base_sha=self.heads[self.default_branch],
            mergeable=True, changed_files=1, created_at=now, updated_at=now,
        )  # fmt: skip
        return self.pulls[number]

    def change_pull_request(self, number: int, **changes: Any) -> PullRequest:
        """Fields of a pull request are other ones now."""
        update = {**changes, "updated_at": self.now()}
        self.pulls[number] = self.pulls[number].model_copy(update=update)
        return self.pulls[number]

    def review(self, number: int, state: str, *, author: Actor = WRITER) -> Review:
        """A submitted review of the head as it is."""
        made = Review(
            id=self._id(), pull_request=number, author=author, state=state, body="",
            sha=self.pulls[number].head_sha, submitted_at=self.now(),
        )  # fmt: skip
        self.judgements[number].append(made)
        self._touch(number)
        return made

    def check(self, sha: str, name: str, conclusion: str | None) -> Check:
        """The latest check run of that name; it moves no pull request's time."""
        made = Check(
            kind="check_run", id=self._id(), name=name, sha=sha, app_id=1, at=self.now(),
            status="completed" if conclusion else "in_progress", conclusion=conclusion,
        )  # fmt: skip
        self.verdicts[sha] = [each for each in self.verdicts[sha] if each.name != name] + [made]
        return made

    def push(self, branch: str, name: str, *, policy: str | None = None) -> str:
        """The branch stands at another commit, with `.gatefleet.yml` if there is one."""
        sha = self.heads[branch] = sha_of(name)
        if policy is not None:
            self.files[sha, ".gatefleet.yml"] = policy.encode()
        for number, pull in self.pulls.items():
            if pull.state == "open" and pull.head_ref == branch:
                self.change_pull_request(number, head_sha=sha)
        return sha

    def _touch(self, number: int) -> None:
        if number in self.issues:
            self.change_issue(number)
        else:
            self.change_pull_request(number)

    def _number(self) -> int:
        return len(self.issues) + len(self.pulls) + 1

    def _id(self) -> int:
        self._ids += 1
        return self._ids

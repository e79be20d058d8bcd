"""A forge to read from, in memory: `shared.forge.port.Reader` over `forge_state`.

`calls` lists what was asked of it; `down` makes every read fail, `failing` those of some names.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from shared.clock import Clock
from shared.errors import TryLater
from shared.forge.facts import (
    Capabilities,
    Changed,
    Delivery,
    Identity,
    Rate,
    RepositoryFacts,
    Role,
    Unreadable,
)
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
    ReviewComment,
    TimelineEvent,
)
from tests.fakes.forge_state import FLEET, REPO, ForgeState


class FakeReader(ForgeState):
    """The reader's side."""

    def __init__(self, clock: Clock, repo: Repo = REPO) -> None:
        super().__init__(clock, repo)
        self.calls: list[str] = []
        self.down = False
        self.failing: set[str] = set()
        self.allowance: Rate | None = None
        self.can_redeliver = False

    def _asked(self, call: str) -> None:
        self.calls.append(call)
        if self.down or call.split()[0] in self.failing:
            raise TryLater(f"{self.repo}: the forge did not answer; it is tried again later")

    async def repository(self) -> RepositoryFacts:
        self._asked("repository")
        head = self.heads.get(self.default_branch)
        return RepositoryFacts(self.repo, self.default_branch, head, self.labels, False, False)

    async def me(self) -> Identity:
        return Identity(FLEET.id, FLEET.login, FLEET.kind, 1)

    async def capabilities(self) -> Capabilities:
        return Capabilities(check_runs=True, redelivery=self.can_redeliver)

    def rate(self) -> Rate | None:
        return self.allowance

    async def issues_since(self, since: datetime | None, *, etag: str | None = None) -> Changed:
        self._asked(f"issues_since {since and since.isoformat()}")
        both: list[Issue | PullRequest] = [*self.issues.values(), *self.pulls.values()]
        listed = sorted(
            (each for each in both if since is None or each.updated_at >= since),
            key=lambda each: (each.updated_at, each.number),
        )
        text = "".join(each.model_dump_json() for each in listed) + str(since)
        now = hashlib.sha256(text.encode()).hexdigest()
        if etag == now:
            return Changed((), (), etag, True)
        issues = tuple(each for each in listed if isinstance(each, Issue))
        pulls = tuple(each.number for each in listed if isinstance(each, PullRequest))
        return Changed(issues, pulls, now, False)

    async def open_issues(self, *, label: str | None = None) -> tuple[Issue, ...]:
        self._asked("open_issues")
        found = (each for each in self.issues.values() if each.state == "open")
        return tuple(each for each in found if label is None or label in each.labels)

    async def issue(self, number: int) -> Issue | None:
        self._asked(f"issue {number}")
        return self.issues.get(number)

    async def comments(self, number: int) -> tuple[Comment, ...]:
        self._asked(f"comments {number}")
        return tuple(self.talk[number])

    async def comments_since(self, since: datetime) -> tuple[Comment, ...]:
        self._asked("comments_since")
        every = (each for comments in self.talk.values() for each in comments)
        return tuple(each for each in every if each.updated_at >= since)

    async def timeline(self, number: int) -> tuple[TimelineEvent, ...]:
        self._asked(f"timeline {number}")
        return tuple(self.events[number])

    async def edits(self, number: int) -> tuple[Edit, ...] | Unreadable:
        self._asked(f"edits {number}")
        return tuple(self.edited[number])

    async def role(self, actor: Actor) -> Role | Unreadable:
        self._asked(f"role {actor.id}")
        name = self.roles.get(actor.id)
        return Role(name, actor.id) if name else Unreadable(f"{self.repo}: no role is known")

    async def open_pull_requests(self) -> tuple[PullRequest, ...]:
        self._asked("open_pull_requests")
        return tuple(each for each in self.pulls.values() if each.state == "open")

    async def closed_pull_requests(
        self, since: datetime, *, head_prefix: str = ""
    ) -> tuple[PullRequest, ...]:
        self._asked("closed_pull_requests")
        closed = (each for each in self.pulls.values() if each.state == "closed")
        recent = (each for each in closed if each.updated_at >= since)
        return tuple(each for each in recent if each.head_ref.startswith(head_prefix))

    async def pull_request(self, number: int) -> PullRequest | None:
        self._asked(f"pull_request {number}")
        return self.pulls.get(number)

    async def pull_requests_of_branch(self, branch: str) -> tuple[PullRequest, ...]:
        self._asked(f"pull_requests_of_branch {branch}")
        return tuple(each for each in reversed(self.pulls.values()) if each.head_ref == branch)

    async def reviews(self, number: int) -> tuple[Review, ...]:
        self._asked(f"reviews {number}")
        return tuple(self.judgements[number])

    async def review_comments(self, number: int) -> tuple[ReviewComment, ...]:
        self._asked(f"review_comments {number}")
        return ()

    async def checks(self, sha: str) -> tuple[Check, ...]:
        self._asked(f"checks {sha[:7]}")
        return tuple(self.verdicts[sha])

    async def changed_file_count(self, number: int) -> int:
        self._asked(f"changed_file_count {number}")
        return self.pulls[number].changed_files or 0

    async def protection(self, branch: str) -> Protection:
        self._asked(f"protection {branch}")
        return self.guards

    async def file(self, path: str, *, ref: str) -> bytes | None:
        self._asked(f"file {path}")
        return self.files.get((self.heads.get(ref, ref), path))

    async def branch_sha(self, branch: str) -> str | None:
        self._asked(f"branch_sha {branch}")
        return self.heads.get(branch)

    async def branches(self, prefix: str) -> Mapping[str, str]:
        self._asked(f"branches {prefix}")
        return {name: sha for name, sha in self.heads.items() if name.startswith(prefix)}

    async def failed_deliveries(self, since: datetime) -> tuple[Delivery, ...]:
        self._asked("failed_deliveries")
        return tuple(each for each in self.failed if each.at > since)

    async def redeliver(self, delivery: int) -> None:
        self._asked(f"redeliver {delivery}")
        self.redelivered.append(delivery)

    async def close(self) -> None:
        """Nothing is open."""

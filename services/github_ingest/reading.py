"""Reading one thing whole from the forge, as the messages that would be said of it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from shared.errors import BadInput
from shared.forge.facts import RepositoryFacts
from shared.forge.port import Reader
from shared.messages.base import Repo
from shared.messages.objects import Comment, Push
from shared.messages.observed import (
    CommentObserved,
    IssueObserved,
    PullRequestObserved,
    PushObserved,
    RepositoryObserved,
    ReviewObserved,
    Source,
)
from shared.policy import FILE, Policy, digest, dump, parse

NO_SHA = "0" * 40
GONE = "deleted"
"""The state reason of an issue that the forge shows no more: deleted, or moved away."""
NO_GOOD_POLICY = "no earlier good policy is known, so the defaults are shown; mend {file}"


@dataclass(frozen=True)
class IssueSeen:
    """An issue with its comments."""

    issue: IssueObserved
    comments: tuple[CommentObserved, ...]

    @property
    def version(self) -> datetime:
        """When the forge says it last changed."""
        return self.issue.issue.updated_at


@dataclass(frozen=True)
class PullRequestSeen:
    """A pull request with its reviews and comments; its checks are a look of their own."""

    pull_request: PullRequestObserved
    reviews: tuple[ReviewObserved, ...]
    comments: tuple[CommentObserved, ...]

    @property
    def version(self) -> datetime:
        """When the forge says it last changed."""
        return self.pull_request.pull_request.updated_at


async def read_issue(
    reader: Reader, repo: Repo, number: int, *, source: Source
) -> IssueSeen | None:
    """The issue as it stands; None when there is no such issue and the repository can be read."""
    issue = await reader.issue(number)
    if issue is None:
        # A token that sees nothing any more gets a 404 too: that must not look like a deletion.
        await reader.repository()
        return None
    comments = await reader.comments(number)
    return IssueSeen(
        IssueObserved(repo=repo, issue=issue, source=source),
        _comments(repo, comments, source, on_pull_request=False),
    )


async def read_pull_request(
    reader: Reader, repo: Repo, number: int, *, source: Source
) -> PullRequestSeen | None:
    """The pull request as it stands; None when the forge does not show it (none is ever deleted)."""
    pull = await reader.pull_request(number)
    if pull is None:
        return None
    reviews, comments = await asyncio.gather(reader.reviews(number), reader.comments(number))
    return PullRequestSeen(
        PullRequestObserved(repo=repo, pull_request=pull, source=source),
        tuple(ReviewObserved(repo=repo, review=each, source=source) for each in reviews),
        _comments(repo, comments, source, on_pull_request=True),
    )


async def read_branch(reader: Reader, repo: Repo, branch: str, *, source: Source) -> PushObserved:
    """Where the branch stands; forty zeros when there is none."""
    sha = await reader.branch_sha(branch)
    push = Push(ref=f"refs/heads/{branch}", after=sha or NO_SHA)
    return PushObserved(repo=repo, push=push, source=source)


async def read_repository(
    reader: Reader, facts: RepositoryFacts, head: str, before: RepositoryObserved | None
) -> RepositoryObserved:
    """Default branch, policy at its head, protection and labels.

    `before` is what was said last: a policy file that cannot be taken keeps the policy said there.
    """
    policy, policy_digest, errors = await _policy(reader, head, before)
    return RepositoryObserved(
        repo=facts.repo,
        default_branch=facts.default_branch,
        head_sha=head,
        policy=policy,
        policy_digest=policy_digest,
        policy_errors=errors,
        protection=await reader.protection(facts.default_branch),
        labels=tuple(sorted(facts.labels)),
    )


def as_gone(said: IssueObserved, source: Source) -> IssueObserved:
    """An issue that is there no more: closed, with its last text."""
    gone = said.issue.model_copy(update={"state": "closed", "state_reason": GONE})
    return said.model_copy(update={"issue": gone, "source": source})


def _comments(
    repo: Repo, comments: tuple[Comment, ...], source: Source, *, on_pull_request: bool
) -> tuple[CommentObserved, ...]:
    return tuple(
        CommentObserved(repo=repo, comment=each, on_pull_request=on_pull_request, source=source)
        for each in comments
    )


async def _policy(
    reader: Reader, head: str, before: RepositoryObserved | None
) -> tuple[dict[str, JsonValue], str, tuple[str, ...]]:
    """Policy, digest and errors of the file at `head`."""
    try:
        policy = parse(await reader.file(FILE, ref=head))
    except BadInput as error:
        errors = tuple(str(error).splitlines())
        no_good = NO_GOOD_POLICY.format(file=FILE)
        if before is not None and no_good not in before.policy_errors:
            return before.policy, before.policy_digest, errors
        return dump(Policy()), digest(Policy()), (*errors, no_good)
    return dump(policy), digest(policy), ()

"""Pull requests: opened from a branch of the same repository, read with their files and commits."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.context import Context
from services.local_forge.domain.issues import Issues
from services.local_forge.domain.keywords import closes
from services.local_forge.domain.repositories import Repositories
from services.local_forge.domain.roles import Roles
from services.local_forge.domain.voice import Voice
from services.local_forge.git.facts import CommitInfo, FileChange
from services.local_forge.problems import Invalid, Unknown
from services.local_forge.shape.commits import signature_json
from services.local_forge.shape.people import user_json
from services.local_forge.shape.pulls import pull_of
from services.local_forge.tables import Account, Issue, Pull, Repository, RequestedReviewer

NO_BRANCH = "{repo}: there is no branch {branch!r}; push it first"
NO_COMMITS = "No commits between {base} and {head}"
EXISTS = "A pull request already exists for {owner}:{head}."
NOT_THE_AUTHOR = "Review cannot be requested from pull request author."
NOT_A_COLLABORATOR = "{subject}: {login} is not a collaborator; reviews are asked of collaborators"


@dataclass(frozen=True, slots=True)
class NewPull:
    """A pull request to be; `head` is a branch, with or without `owner:` before it."""

    title: str
    head: str
    base: str
    body: str | None = None
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """How large a change is."""

    commits: Sequence[CommitInfo]
    changed_files: int
    additions: int
    deletions: int


class Pulls:
    """Pull requests of one repository into itself."""

    def __init__(
        self,
        context: Context,
        *,
        roles: Roles,
        voice: Voice,
        issues: Issues,
        repositories: Repositories,
    ) -> None:
        self._context = context
        self._roles = roles
        self._voice = voice
        self._issues = issues
        self._repositories = repositories

    def get(self, repo: Repository, number: int) -> Issue:
        """A pull request by its number; Unknown where that is an issue, or nothing."""
        found = self._issues.get(repo, number)
        if found.pull is None:
            raise Unknown
        return found

    def open_from(self, repo: Repository, branch: str) -> Sequence[Issue]:
        """The open pull requests whose head is that branch."""
        query = (
            select(Issue)
            .join(Pull, Pull.issue_id == Issue.id)
            .where(Issue.repository_id == repo.id, Issue.state == "open", Pull.head_ref == branch)
        )
        with self._context.store.reading() as session:
            return session.scalars(query.order_by(Issue.id)).unique().all()

    async def create(self, repo: Repository, *, actor: Actor, ask: NewPull) -> Issue:
        """Open one; needs write, since the head is a branch of the repository itself."""
        self._roles.require(repo, actor, "write")
        git = self._repositories.git(repo)
        head = _own_branch(repo, ask.head)
        branches = await git.branches()
        for field, branch in (("head", head), ("base", ask.base)):
            if branch not in branches:
                said = NO_BRANCH.format(repo=repo.full_name, branch=branch)
                raise Invalid(said, field=field, resource="PullRequest")
        base_sha, head_sha = branches[ask.base], branches[head]
        measure = await self.measure(repo, base_sha, head_sha)
        if not measure.commits:
            raise Invalid(NO_COMMITS.format(base=ask.base, head=head), resource="PullRequest")
        pull = Pull(
            head_ref=head,
            head_sha=head_sha,
            base_ref=ask.base,
            base_sha=base_sha,
            draft=ask.draft,
            pushed_by_id=actor.account.id,
            commits=len(measure.commits),
            changed_files=measure.changed_files,
            additions=measure.additions,
            deletions=measure.deletions,
        )
        issue = self._opened(repo, actor, ask=ask, pull=pull, commits=measure.commits)
        await git.update_ref(f"refs/pull/{issue.number}/head", head_sha)
        return issue

    def _opened(
        self,
        repo: Repository,
        actor: Actor,
        *,
        ask: NewPull,
        pull: Pull,
        commits: Sequence[CommitInfo],
    ) -> Issue:
        with self._context.store.transaction():
            same = self.open_from(repo, pull.head_ref)
            if any(one.pull is not None and one.pull.base_ref == ask.base for one in same):
                said = EXISTS.format(owner=repo.owner.login, head=pull.head_ref)
                raise Invalid(said, resource="PullRequest", code="custom")
            issue = self._issues.insert(
                repo, actor=actor, title=ask.title, body=ask.body, pull=pull
            )
            self.record_commits(issue, actor, commits)
            for number in closes(ask.body, repo=repo.full_name):
                self._refer(number, issue, actor=actor)
            self._voice.tell_issue(issue, "opened", actor=actor)
            return issue

    def _refer(self, number: int, source: Issue, *, actor: Actor) -> None:
        """The issue's timeline shows the pull request that will close it."""
        target = self._issues.find(source.repository, number)
        if target is not None and target.id != source.id:
            self._voice.record(target, "cross-referenced", actor=actor, source_number=source.number)

    def record_commits(self, issue: Issue, actor: Actor, commits: Sequence[CommitInfo]) -> None:
        """One `committed` entry each, in the order given."""
        for commit in commits:
            self._voice.record(issue, "committed", actor=actor, **commit_detail(commit))

    async def measure(self, repo: Repository, base: str, head: str) -> Measure:
        """Commits and size of `head` since it left `base`."""
        git = self._repositories.git(repo)
        commits = await git.commits(base, head)
        files = await git.changed_files(base, head) if commits else []
        return Measure(
            commits,
            len(files),
            sum(file.additions for file in files),
            sum(file.deletions for file in files),
        )

    async def files(self, issue: Issue) -> Sequence[FileChange]:
        """What it changes since it left its base."""
        pull = pull_of(issue)
        return await self._repositories.git(issue.repository).changed_files(
            pull.base_sha, pull.head_sha
        )

    async def commits(self, issue: Issue) -> Sequence[CommitInfo]:
        """Its commits, parents before children."""
        pull = pull_of(issue)
        return await self._repositories.git(issue.repository).commits(pull.base_sha, pull.head_sha)

    async def mergeable(self, issue: Issue) -> bool | None:
        """Does it merge with the base branch as that is now? None once it is closed."""
        pull = pull_of(issue)
        git = self._repositories.git(issue.repository)
        tip = await git.head(pull.base_ref) if issue.state == "open" else None
        return None if tip is None else await git.mergeable(tip, pull.head_sha)

    def request_review(self, issue: Issue, *, actor: Actor, accounts: Sequence[Account]) -> Issue:
        """Ask collaborators for a review. Needs write."""
        repo = issue.repository
        self._roles.require(repo, actor, "write")
        collaborators = {row.account_id for row in repo.collaborators if row.role != "none"}
        for account in accounts:
            if account.id == issue.author_id:
                raise Invalid(NOT_THE_AUTHOR, field="reviewers", resource="PullRequest")
            if account.id not in collaborators:
                said = NOT_A_COLLABORATOR.format(subject=issue.subject, login=account.login)
                raise Invalid(said, field="reviewers", resource="PullRequest")
        with self._context.store.transaction() as session:
            row = session.get_one(Issue, issue.id)
            for account in accounts:
                if account.id in {one.id for one in row.asked}:
                    continue
                session.add(RequestedReviewer(issue_id=row.id, account_id=account.id))
                row.updated_at = self._context.now()
                session.flush()
                session.refresh(pull_of(row), ["asked"])
                asked = user_json(account, self._context.links)
                self._voice.record(row, "review_requested", actor=actor, requested=account.id)
                self._voice.tell_issue(
                    row, "review_requested", actor=actor, requested_reviewer=asked
                )
            return row


def _own_branch(repo: Repository, head: str) -> str:
    owner, colon, branch = head.partition(":")
    if not colon:
        return head
    if owner.lower() != repo.owner.login.lower():
        said = f"{repo.full_name}: {head!r} is in another repository; push the branch to this one"
        raise Invalid(said, field="head", resource="PullRequest")
    return branch


def commit_detail(commit: CommitInfo) -> dict[str, object]:
    """A commit as the timeline keeps it."""
    return {
        "sha": commit.sha,
        "tree": commit.tree,
        "message": commit.message,
        "parents": list(commit.parents),
        "author": signature_json(commit.author),
        "committer": signature_json(commit.committer),
    }

"""What a push means: pull requests get a new head, approvals become stale, listeners are told."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.context import Context
from services.local_forge.domain.issues import Issues
from services.local_forge.domain.protection import Protection
from services.local_forge.domain.pulls import Measure, Pulls
from services.local_forge.domain.repositories import Repositories
from services.local_forge.domain.reviews import Reviews
from services.local_forge.domain.voice import Timeline, Voice
from services.local_forge.git.facts import NO_OBJECT, RefUpdate
from services.local_forge.shape.commits import pushed_json
from services.local_forge.shape.people import Json
from services.local_forge.shape.pulls import pull_of
from services.local_forge.tables import Issue, Repository

_SHOWN_COMMITS = 20
_HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class _Moved:
    """One branch that moved; `forced` if the new head does not contain the old one."""

    branch: str
    update: RefUpdate
    forced: bool


@dataclass(frozen=True, slots=True)
class Followers:
    """The parts that a push changes."""

    issues: Issues
    pulls: Pulls
    reviews: Reviews


class Pushes:
    """Told of every ref that moved, by whatever way."""

    def __init__(
        self,
        context: Context,
        *,
        voice: Voice,
        followers: Followers,
        protection: Protection,
        repositories: Repositories,
    ) -> None:
        self._context = context
        self._voice = voice
        self._issues = followers.issues
        self._pulls = followers.pulls
        self._reviews = followers.reviews
        self._protection = protection
        self._repositories = repositories
        self._timeline = Timeline(context)

    async def landed(self, repo: Repository, actor: Actor, updates: Sequence[RefUpdate]) -> None:
        """Refs of a repository moved; tell of each, and bring its pull requests up to date."""
        git = self._repositories.git(repo)
        for update in updates:
            both = NO_OBJECT not in (update.old, update.new)
            forced = both and not await git.is_ancestor(update.old, update.new)
            await self._tell(repo, actor, update, forced=forced)
            if not update.ref.startswith(_HEADS):
                continue
            moved = _Moved(update.ref.removeprefix(_HEADS), update, forced)
            for issue in self._pulls.open_from(repo, moved.branch):
                await self._follow(issue, moved, actor=actor)

    async def _follow(self, issue: Issue, moved: _Moved, *, actor: Actor) -> None:
        repo, head = issue.repository, moved.update.new
        if head == NO_OBJECT:
            with self._context.store.transaction():
                self._voice.record(issue, "head_ref_deleted", actor=actor)
                self._issues.close(issue, actor=actor)
            return
        if head == pull_of(issue).head_sha:
            return
        git = self._repositories.git(repo)
        await git.update_ref(f"refs/pull/{issue.number}/head", head)
        base = await git.head(pull_of(issue).base_ref) or pull_of(issue).base_sha
        measure = await self._pulls.measure(repo, base, head)
        self._synchronize(issue, actor, moved, base=base, measure=measure)

    def _synchronize(
        self, issue: Issue, actor: Actor, moved: _Moved, *, base: str, measure: Measure
    ) -> None:
        with self._context.store.transaction() as session:
            row = session.get_one(Issue, issue.id)
            pull = pull_of(row)
            before, pull.head_sha, pull.base_sha = pull.head_sha, moved.update.new, base
            pull.pushed_by_id = actor.account.id
            pull.commits, pull.changed_files = len(measure.commits), measure.changed_files
            pull.additions, pull.deletions = measure.additions, measure.deletions
            row.updated_at = self._context.now()
            session.flush()
            if moved.forced:
                self._voice.record(
                    row,
                    "head_ref_force_pushed",
                    actor=actor,
                    before=before,
                    commit_id=pull.head_sha,
                )
            told = {event.detail.get("sha") for event in self._timeline.of(row)}
            new = [commit for commit in measure.commits if commit.sha not in told]
            self._pulls.record_commits(row, actor, new)
            self._voice.tell_issue(
                row, "synchronize", actor=actor, before=before, after=pull.head_sha
            )
            if self._dismisses(row.repository, pull.base_ref):
                self._reviews.dismiss_approvals(row, actor=actor)

    def _dismisses(self, repo: Repository, branch: str) -> bool:
        classic = self._protection.classic(repo, branch) or {}
        wanted = classic.get("required_pull_request_reviews", {}).get("dismiss_stale_reviews")
        return bool(wanted) or any(
            rule.get("parameters", {}).get("dismiss_stale_reviews_on_push")
            for rule, _ in self._protection.rules(repo, branch)
        )

    async def _tell(
        self, repo: Repository, actor: Actor, update: RefUpdate, *, forced: bool
    ) -> None:
        commits = await self._shown(repo, update)
        base = self._context.links.page(repo, "compare")
        payload = {
            "ref": update.ref,
            "before": update.old,
            "after": update.new,
            "created": update.old == NO_OBJECT,
            "deleted": update.new == NO_OBJECT,
            "forced": forced,
            "base_ref": None,
            "compare": f"{base}/{update.old[:12]}...{update.new[:12]}",
            "commits": commits,
            "head_commit": commits[-1] if commits else None,
            "pusher": {"name": actor.login, "email": actor.account.email},
        }
        with self._context.store.transaction() as session:
            row = session.get_one(Repository, repo.id)
            row.pushed_at = self._context.now()
            session.flush()
            self._voice.tell(row, "push", actor=actor, payload=payload)

    async def _shown(self, repo: Repository, update: RefUpdate) -> list[Json]:
        """The newest commits that the push brought, oldest of them first."""
        if update.new == NO_OBJECT:
            return []
        git = self._repositories.git(repo)
        since = update.old
        if since == NO_OBJECT:
            tip = await git.head(repo.default_branch)
            since = tip if tip is not None and tip != update.new else NO_OBJECT
        found = await git.commits(None if since == NO_OBJECT else since, update.new)
        shown = []
        for commit in found[-_SHOWN_COMMITS:]:
            parent = commit.parents[0] if commit.parents else None
            files = await git.changed_files(parent, commit.sha) if parent is not None else []
            shown.append(pushed_json(commit, repo, self._context.links, files=files))
        return shown

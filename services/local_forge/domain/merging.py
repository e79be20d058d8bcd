"""Merging: what the base branch's rules still miss, and the merge itself."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.checks import Checks
from services.local_forge.domain.context import Context
from services.local_forge.domain.issues import Issues
from services.local_forge.domain.keywords import closes
from services.local_forge.domain.protection import Protection, Rule
from services.local_forge.domain.pulls import Pulls
from services.local_forge.domain.pushes import Pushes
from services.local_forge.domain.repositories import Repositories
from services.local_forge.domain.reviews import (
    APPROVED,
    CHANGES_REQUESTED,
    NewReview,
    Reviews,
)
from services.local_forge.domain.roles import Roles
from services.local_forge.domain.statuses import Statuses
from services.local_forge.domain.voice import Voice
from services.local_forge.git.facts import RefUpdate, Signature
from services.local_forge.problems import Conflict, NotMergeable
from services.local_forge.shape.pulls import pull_of
from services.local_forge.tables import Account, Issue

MERGED = "it is merged already"
CLOSED = "it is closed; reopen it first"
DRAFT = "it is a draft; mark it ready first"
CONFLICTS = "it has conflicts with {base}; the branch must be mended first"
NEEDS_APPROVALS = (
    "{base} asks for {count} approving review(s) by people who may write, it has {has}"
)
NEEDS_OTHERS = "the last push must be approved by somebody other than {pusher}, who made it"
CHANGES_ASKED = "{login} asked for changes"
NEEDS_CHECK = "{base} asks for the check {name!r} to be a success on this head"
HEAD_MOVED = "Head branch was modified. Review and try the merge again."


@dataclass(frozen=True, slots=True)
class MergeAsk:
    """How to merge; `sha` is the head that the caller looked at."""

    sha: str | None = None
    title: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What somebody thinks of a head: the latest word, or what a click would make it."""

    who: Account
    state: str
    commit_id: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What merging needs of the other parts."""

    roles: Roles
    voice: Voice
    issues: Issues
    pulls: Pulls
    reviews: Reviews
    statuses: Statuses
    checks: Checks
    protection: Protection
    pushes: Pushes
    repositories: Repositories


class Merging:
    """Gate 2 as the forge itself keeps it."""

    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._parts = parts
        self._one_at_a_time = asyncio.Lock()

    async def reasons(self, issue: Issue, actor: Actor, *, as_person: bool = False) -> list[str]:
        """Why `actor` may not merge it now, one line each; empty if it may be merged.

        `as_person`: by the button, which records the actor's approval of this head first.
        """
        pull = pull_of(issue)
        if pull.merged:
            return [MERGED]
        if issue.state == "closed":
            return [CLOSED]
        found = [DRAFT] if pull.draft else []
        if await self._parts.pulls.mergeable(issue) is not True:
            found.append(CONFLICTS.format(base=pull.base_ref))
        opinions = self._opinions(issue)
        if as_person and actor.account.id != issue.author_id:
            opinions[actor.account.id] = _Opinion(actor.account, APPROVED, pull.head_sha)
        return found + self._missing(issue, actor, list(opinions.values()))

    def _opinions(self, issue: Issue) -> dict[int, _Opinion]:
        reviews = self._parts.reviews.opinions(issue)
        return {
            number: _Opinion(review.author, review.state, review.commit_id)
            for number, review in reviews.items()
        }

    def _missing(self, issue: Issue, actor: Actor, opinions: Sequence[_Opinion]) -> list[str]:
        """What rules ask for and the pull request has not; without what the actor may bypass."""
        repo, base = issue.repository, pull_of(issue).base_ref
        protection = self._parts.protection
        found: list[str] = []
        for rule, ruleset in protection.rules(repo, base):
            if protection.bypass(repo, ruleset, actor) != "never":
                continue
            parameters = rule.get("parameters", {})
            if rule["type"] == "pull_request":
                found += self._missing_reviews(issue, parameters, opinions)
            elif rule["type"] == "required_status_checks":
                found += self._missing_checks(issue, parameters["required_status_checks"])
        classic = protection.classic(repo, base) or {}
        if (asked := classic.get("required_pull_request_reviews")) is not None:
            found += self._missing_reviews(issue, asked, opinions)
        if (asked := classic.get("required_status_checks")) is not None:
            contexts = [{"context": name} for name in asked.get("contexts", [])]
            found += self._missing_checks(issue, asked.get("checks", contexts))
        return list(dict.fromkeys(found))

    def _missing_reviews(
        self, issue: Issue, asked: Rule, opinions: Sequence[_Opinion]
    ) -> list[str]:
        pull, repo = pull_of(issue), issue.repository
        writers = [one for one in opinions if self._parts.roles.can(repo, one.who, "write")]
        approved = [one for one in writers if one.state == APPROVED]
        found = [
            CHANGES_ASKED.format(login=one.who.login)
            for one in writers
            if one.state == CHANGES_REQUESTED
        ]
        count = int(asked.get("required_approving_review_count", 1))
        if len(approved) < count:
            found.append(NEEDS_APPROVALS.format(base=pull.base_ref, count=count, has=len(approved)))
        elif asked.get("require_last_push_approval") and not any(
            one.who.id != pull.pushed_by_id and one.commit_id == pull.head_sha for one in approved
        ):
            found.append(NEEDS_OTHERS.format(pusher=pull.pushed_by.login))
        return found

    def _missing_checks(self, issue: Issue, asked: Sequence[dict[str, Any]]) -> list[str]:
        repo, pull = issue.repository, pull_of(issue)
        runs = self._parts.checks.latest(repo, pull.head_sha)
        statuses = self._parts.statuses.latest(repo, pull.head_sha)
        found = []
        for want in asked:
            name = want["context"]
            app = want.get("integration_id", want.get("app_id"))
            good = any(
                run.name == name and run.conclusion == "success" and app in (None, -1, run.app_id)
                for run in runs
            ) or (
                app in (None, -1)
                and any(one.context == name and one.state == "success" for one in statuses)
            )
            if not good:
                found.append(NEEDS_CHECK.format(base=pull.base_ref, name=name))
        return found

    async def merge(self, issue: Issue, *, actor: Actor, ask: MergeAsk | None = None) -> str:
        """Merge it; answers the merge commit. Conflict if the head moved, NotMergeable with why."""
        asked = ask or MergeAsk()
        self._parts.roles.require(issue.repository, actor, "write")
        async with self._one_at_a_time:
            return await self._merge(issue, actor, asked)

    async def _merge(self, issue: Issue, actor: Actor, asked: MergeAsk) -> str:
        issue = self._parts.pulls.get(issue.repository, issue.number)
        pull = pull_of(issue)
        if asked.sha is not None and asked.sha != pull.head_sha:
            raise Conflict(HEAD_MOVED)
        missing = await self.reasons(issue, actor)
        if missing:
            raise NotMergeable(f"{issue.subject}: {'; '.join(missing)}")
        git = self._parts.repositories.git(issue.repository)
        tip = await git.head(pull.base_ref)
        who = Signature(actor.login, actor.account.email, self._context.now())
        owner = issue.repository.owner.login
        title = asked.title or f"Merge pull request #{issue.number} from {owner}/{pull.head_ref}"
        message = f"{title}\n\n{asked.message if asked.message is not None else issue.title}\n"
        sha = await git.merge(pull.base_ref, pull.head_sha, message=message, who=who)
        self._merged(issue, actor, sha)
        moved = RefUpdate(f"refs/heads/{pull.base_ref}", tip or "", sha)
        await self._parts.pushes.landed(issue.repository, actor, [moved])
        return sha

    def _merged(self, issue: Issue, actor: Actor, sha: str) -> None:
        parts = self._parts
        with self._context.store.transaction() as session:
            row = session.get_one(Issue, issue.id)
            pull = pull_of(row)
            pull.merged_at, pull.merged_by_id = self._context.now(), actor.account.id
            pull.merge_commit_sha = sha
            session.flush()
            session.refresh(pull)
            parts.voice.record(row, "merged", actor=actor, commit_id=sha)
            parts.issues.close(row, actor=actor, cause=sha)
            if pull.base_ref != row.repository.default_branch:
                return
            for number in closes(row.body, repo=row.repository.full_name):
                target = self._open_issue(row, number)
                if target is not None:
                    parts.issues.close(target, actor=actor, cause=sha)

    def _open_issue(self, pull: Issue, number: int) -> Issue | None:
        """The issue that a keyword names, if there is one and it is open."""
        listed = self._parts.issues.find(pull.repository, number)
        return listed if listed is not None and listed.state == "open" and not listed.pull else None

    async def merge_as_person(self, issue: Issue, *, actor: Actor) -> str:
        """The merge button: records the person's approving review first, unless it is there."""
        issue = self._parts.pulls.get(issue.repository, issue.number)
        pull = pull_of(issue)
        mine = self._parts.reviews.opinions(issue).get(actor.account.id)
        fresh = mine is not None and mine.state == APPROVED and mine.commit_id == pull.head_sha
        if actor.account.id != issue.author_id and not fresh:
            review = NewReview("APPROVE", commit_id=pull.head_sha)
            await self._parts.reviews.create(issue, actor=actor, ask=review)
        return await self.merge(issue, actor=actor, ask=MergeAsk(sha=pull.head_sha))

"""Reads everything that gate 2 looks at; whatever cannot be read is `Unreadable`, never a default."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from services.gatekeeper import ledger
from services.gatekeeper.approving import re_gate
from services.gatekeeper.desk import Desk, PolicyAt
from services.gatekeeper.drafting import Verdict, judge_change
from services.gatekeeper.evaluating import GateFacts
from services.gatekeeper.facts import approval_policy
from services.gatekeeper.live import issue_facts
from services.gatekeeper.ownership import Ours, TakenOver, owner_of
from services.gatekeeper.protecting import paths_approved_by
from services.gatekeeper.reviewed import LaterTip, ReviewFact
from services.gatekeeper.roles import Unreadable
from services.gatekeeper.rows import our_commits, review_of
from services.gatekeeper.tables import Approval, Pull
from shared.errors import GatefleetError
from shared.git.changes import Diff
from shared.git.commits import commits_between
from shared.git.diff import changed
from shared.git.merging import Conflict, merge, merge_base, touched_since
from shared.messages.content import Brief, Reason
from shared.messages.content import Verdict as ReviewVerdict
from shared.messages.objects import PullRequest, Review
from shared.snapshot import BriefError, read_brief

T = TypeVar("T")

ENDED = Reason(name="approval", text="its approval ended; approve the issue again")


@dataclass(frozen=True)
class PullFacts:
    """The facts of gate 2, and what else the reading showed."""

    gate: GateFacts
    tip: str
    reviews: tuple[Review, ...]


async def pull_facts(
    desk: Desk, row: Pull, pull: PullRequest, policy: PolicyAt | Unreadable
) -> PullFacts:
    """Everything there is to know of a pull request of ours, now."""
    tip = policy.tip if isinstance(policy, PolicyAt) else row.base
    diff = await _or_unreadable(_diff, desk, tip, pull.head_sha)
    review = await desk.store.run(lambda session: _review(session, desk, row.number))
    reviews = await _or_unreadable(desk.forge.reviews, pull.number)
    comments = await _or_unreadable(desk.forge.comments, pull.number)
    people = [each.author for each in reviews] if isinstance(reviews, tuple) else []
    people += [each.author for each in comments] if isinstance(comments, tuple) else []
    roles = await desk.roles(people)
    fleet = await desk.fleet()
    wanted = approval_policy(policy.policy).approve if isinstance(policy, PolicyAt) else frozenset()
    later = await _or_unreadable(_later_tip, desk, pull.head_sha, tip, review, diff)
    facts = GateFacts(
        head=pull.head_sha,
        policy_digest=policy.digest if isinstance(policy, PolicyAt) else policy,
        approval=row.approval,
        stopped=await desk.stopped(),
        regated=await regated(desk, row, policy),
        ownership=await _or_unreadable(_ownership, desk, row, tip, pull.head_sha),
        files=await _or_unreadable(_files, desk, pull.number, diff),
        change=await _or_unreadable(_change, desk, row, diff, policy),
        paths_approved=comments if isinstance(comments, Unreadable) else paths_approved_by(
            comments, head=pull.head_sha, roles=roles, fleet=fleet, approve=wanted
        ),
        later_tip=later,
        review=review,
        checks=await _or_unreadable(desk.forge.checks, pull.head_sha),
        required=policy.policy.checks.required if isinstance(policy, PolicyAt) else (),
        accept=frozenset(policy.policy.checks.accept) if isinstance(policy, PolicyAt) else frozenset(),
        reviews=reviews, roles=roles, fleet=fleet, approve=wanted,
    )  # fmt: skip
    return PullFacts(facts, tip, reviews if isinstance(reviews, tuple) else ())


async def _or_unreadable(read: Callable[..., Awaitable[T]], *args: object) -> T | Unreadable:
    try:
        return await read(*args)
    except GatefleetError as error:
        return Unreadable(str(error))


async def _diff(desk: Desk, tip: str, head: str) -> Diff:
    """Fetches first: if that fails, nothing else that needs git is judged either."""
    await desk.mirror.fetch()
    base = await merge_base(desk.mirror.git_dir, tip, head)
    return await changed(desk.mirror.git_dir, base or tip, head)


async def _ownership(desk: Desk, row: Pull, tip: str, head: str) -> Ours | TakenOver:
    commits = await commits_between(desk.mirror.git_dir, tip, head, first_parent=False)
    known, approvals = await desk.store.run(
        lambda s: (our_commits(s, desk.repo.id), ledger.live_approvals(s, desk.repo.id))
    )
    return owner_of(commits, ledger=known, fleet=desk.author, approvals=approvals | {row.approval})


async def _files(desk: Desk, number: int, diff: Diff | Unreadable) -> tuple[int, int]:
    if isinstance(diff, Unreadable):
        raise _Unread(diff.cause)
    return len(diff.files), await desk.forge.changed_file_count(number)


async def _change(
    desk: Desk, row: Pull, diff: Diff | Unreadable, policy: PolicyAt | Unreadable
) -> Verdict:
    for each in (diff, policy):
        if isinstance(each, Unreadable):
            raise _Unread(each.cause)
    assert isinstance(diff, Diff)
    assert isinstance(policy, PolicyAt)
    brief = await desk.store.run(lambda session: brief_of(session, row.approval))
    if isinstance(brief, BriefError):
        raise _Unread(brief.text)
    return judge_change(diff, policy.policy, brief=brief)


async def _later_tip(
    desk: Desk, head: str, tip: str, review: ReviewFact | None, diff: Diff | Unreadable
) -> LaterTip:
    if isinstance(await merge(desk.mirror.git_dir, head, tip), Conflict):
        return LaterTip.CONFLICT
    if review is None or review.tip == tip:
        return LaterTip.SAME
    if isinstance(diff, Unreadable):
        raise _Unread(diff.cause)
    moved = await touched_since(desk.mirror.git_dir, review.tip, tip)
    return LaterTip.TOUCHING if moved & {file.path for file in diff.files} else LaterTip.CLEAN


async def regated(desk: Desk, row: Pull, policy: PolicyAt | Unreadable) -> Reason | None:
    """Why no effect may happen under this pull request's approval now; None if it may (I-13)."""
    if isinstance(policy, Unreadable):
        return Reason(name="undecided", text=policy.cause)
    try:
        facts = await issue_facts(desk, row.issue, policy)
    except GatefleetError as error:
        return Reason(name="undecided", text=str(error))
    if facts is None or facts.record is None or facts.record.approval != row.approval:
        return ENDED
    return re_gate(facts.record, facts)


def _review(session: Session, desk: Desk, number: int) -> ReviewFact | None:
    row = review_of(session, desk.repo.id, number)
    if row is None:
        return None
    return ReviewFact(
        verdict=ReviewVerdict(row.verdict), head=row.head, tip=row.tip,
        policy_digest=row.policy_digest, approval=row.approval, tests=row.tests,
    )  # fmt: skip


def brief_of(session: Session, approval: UUID) -> Brief | BriefError:
    """What the approved text says is in scope."""
    row = session.get(Approval, approval)
    return read_brief(row.snapshot.body) if row is not None else Brief()


class _Unread(GatefleetError):
    """Carries the cause of an earlier read that failed."""

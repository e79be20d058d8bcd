"""Was this draft asked for, before the memory began? Its run proves it, or nothing does.

Ids of runs are computed from what they are about, so a run that was dispatched in an earlier life is
known again by what stands on the forge: an approval that lives, a head, a verdict, a comment. Only
generations older than the memory are looked at like this; a younger one must have been heard of.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from services.gatekeeper import ledger
from services.gatekeeper.desk import Desk, PolicyAt
from services.gatekeeper.fencing import Draftee
from services.gatekeeper.rebuilding.birth import asked_before, before
from services.gatekeeper.roles import Unreadable
from services.gatekeeper.rows import issue_row, pull_of_approval, review_of
from services.gatekeeper.tables import UNSEEN, Approval, Draft, Proposal, Pull, Run
from shared.errors import TryLater
from shared.git.commits import commits_between
from shared.git.merging import is_ancestor, merge_base
from shared.messages import read
from shared.messages.content import RunKind
from shared.messages.draft import ChangeProposed, IssuesProposed, ReviewProposed
from shared.messages.ids import implementation_run, proposals_run, review_run, revision_run
from shared.policy import slots

AT_START = "start"
"""What a first look at a repository is named for."""
SLOTS_SINCE = timedelta(days=7)


async def prove_run(desk: Desk, of: Draftee) -> None:
    """Write down the run of a draft that was asked for before the memory began, if that can be seen."""
    draft = await desk.store.run(lambda session: _unproven(session, desk.repo.id, of))
    if draft is None:
        return
    policy = await desk.policy()
    if isinstance(policy, Unreadable):
        raise TryLater(f"{desk.repo}: {policy.cause}")
    found: Run | None = None
    if isinstance(draft, ReviewProposed):
        found = await desk.store.run(lambda session: _review(session, desk.repo.id, draft))
    elif isinstance(draft, ChangeProposed):
        found = await _change(desk, draft, policy)
    elif isinstance(draft, IssuesProposed):
        found = await desk.store.run(lambda session: _proposals(session, desk, draft, policy))
    if found is not None:
        proven = found
        await desk.store.run(lambda session: _write(session, proven))


def _unproven(
    session: Session, repo_id: str, of: Draftee
) -> ChangeProposed | ReviewProposed | IssuesProposed | None:
    """The draft, where nobody here knows of its run."""
    run, row = session.get(Run, of.run), session.get(Draft, (of.run, of.generation))
    if row is None or not asked_before(session, repo_id, of.generation):
        return None
    if run is not None and run.kind != UNSEEN:
        return None
    draft = read(row.topic, row.body.encode())
    return draft if isinstance(draft, ChangeProposed | ReviewProposed | IssuesProposed) else None


def _write(session: Session, proven: Run) -> None:
    row = session.get(Run, proven.id)
    if row is not None:  # its cancellation was heard of already, and still counts
        proven.cancelled = row.cancelled
        proven.live = proven.generation > row.cancelled
    session.merge(proven)
    if proven.issue is not None:
        issue_row(session, proven.repo_id, proven.issue).runs += 1


def _is_older(session: Session, repo_id: str, approval: UUID) -> bool:
    """Under an approval that is younger than the memory nothing can have been asked for before it."""
    row = session.get(Approval, approval)
    return row is not None and before(session, repo_id, row.approver.at)


def _review(session: Session, repo_id: str, draft: ReviewProposed) -> Run | None:
    run = review_run(repo_id, draft.pull_request, draft.head, draft.tip, draft.policy_digest)
    pull = session.get(Pull, (repo_id, draft.pull_request))
    if run != draft.run or pull is None or pull.issue != draft.issue:
        return None
    if not _is_older(session, repo_id, pull.approval):
        return None
    return _run(
        repo_id, draft, RunKind.REVIEW, issue=draft.issue, approval=pull.approval, head=draft.head,
        base=draft.tip, round=pull.round, policy_digest=draft.policy_digest,
    )  # fmt: skip


async def _change(desk: Desk, draft: ChangeProposed, policy: PolicyAt) -> Run | None:
    def known(session: Session) -> tuple[bool, Pull | None, UUID | None]:
        record = ledger.live(session, desk.repo.id, draft.issue)
        pull = pull_of_approval(session, desk.repo.id, draft.approval)
        review = review_of(session, desk.repo.id, pull.number) if pull is not None else None
        lives = record is not None and record.approval == draft.approval
        return (
            lives and _is_older(session, desk.repo.id, draft.approval), pull,
            review.run if review is not None else None,
        )  # fmt: skip

    lives, pull, review = await desk.store.run(known)
    if not lives:
        return None
    comments = [f"comment:{each.id}" for each in await desk.forge.comments(draft.issue)]
    if pull is None:
        return await _implementation(desk, draft, policy, comments)
    asked = [*comments, *await _causes(desk, pull), *([str(review)] if review else [])]
    conflicts = await _tips(desk, pull, policy)
    for cause in (*asked, *conflicts):
        if revision_run(draft.approval, draft.base, cause) == draft.run:
            return _run(
                desk.repo.id, draft, RunKind.REVISION, issue=draft.issue, approval=draft.approval,
                head=draft.base, round=pull.round + (cause not in conflicts),
            )  # fmt: skip
    return None


async def _implementation(
    desk: Desk, draft: ChangeProposed, policy: PolicyAt, comments: Iterable[str]
) -> Run | None:
    """From the start, or once more after a `retry`; on a commit that the default branch had."""
    if draft.run not in {implementation_run(draft.approval, each) for each in ("", *comments)}:
        return None
    await desk.mirror.fetch()
    git = desk.mirror.git_dir
    if not await desk.mirror.has(draft.base) or not await is_ancestor(git, draft.base, policy.tip):
        return None
    return _run(
        desk.repo.id, draft, RunKind.IMPLEMENTATION, issue=draft.issue, approval=draft.approval,
        base=draft.base, round=1,
    )  # fmt: skip


async def _causes(desk: Desk, pull: Pull) -> list[str]:
    """What else can have asked for a revision of the head: people, and checks of others."""
    reviews = await desk.forge.reviews(pull.number)
    comments = await desk.forge.comments(pull.number)
    checks = await desk.forge.checks(pull.head)
    return [
        *(f"review:{each.id}" for each in reviews),
        *(f"comment:{each.id}" for each in comments),
        *(f"{each.name}@{pull.head}" for each in checks),
    ]


async def _tips(desk: Desk, pull: Pull, policy: PolicyAt) -> frozenset[str]:
    """Tips of the default branch that the head can have been in conflict with."""
    await desk.mirror.fetch()
    git = desk.mirror.git_dir
    base = await merge_base(git, pull.head, policy.tip)
    if base is None:
        return frozenset()
    line = await commits_between(git, base, policy.tip, first_parent=True)
    return frozenset(each.sha for each in line)


def _proposals(session: Session, desk: Desk, draft: IssuesProposed, policy: PolicyAt) -> Run | None:
    now = desk.clock.now()
    times = slots(policy.policy.schedule, after=now - SLOTS_SINCE, until=now)
    names = [AT_START, *(f"{each:%Y-%m-%dT%H:%MZ}" for each in times)]
    if draft.run not in {proposals_run(desk.repo.id, each) for each in names}:
        return None
    opened = session.query(Proposal).filter_by(repo_id=desk.repo.id, open=True).count()
    limits = policy.policy
    room = max(0, min(limits.proposals.quota, limits.limits.open_proposals - opened))
    return _run(desk.repo.id, draft, RunKind.PROPOSALS, quota=room)


def _run(
    repo_id: str, draft: ChangeProposed | ReviewProposed | IssuesProposed, kind: RunKind,
    **known: object,
) -> Run:  # fmt: skip
    fields: dict[str, object] = {
        "issue": None, "approval": None, "base": "", "head": None, "round": 0,
        "policy_digest": "", "quota": 0, **known,
    }  # fmt: skip
    return Run(
        id=draft.run, repo_id=repo_id, kind=kind.value, generation=draft.generation, live=True,
        cancelled=0, carried_out=None, **fields,
    )  # fmt: skip

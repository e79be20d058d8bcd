"""From a run's row to the request that is said to agents."""

from typing import Any, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.scheduler.records import policy_of
from services.scheduler.tables import Issue, Merged, Proposal, Repository, Run
from shared.messages.content import KnownProposal, RunKind, RunLimits
from shared.messages.work import (
    ImplementationRequested,
    ProposalsRequested,
    ReviewRequested,
    RevisionRequested,
)

Request: TypeAlias = (
    ProposalsRequested | ImplementationRequested | RevisionRequested | ReviewRequested
)

TOPICS: dict[str, type[Request]] = {
    RunKind.PROPOSALS: ProposalsRequested,
    RunKind.IMPLEMENTATION: ImplementationRequested,
    RunKind.REVISION: RevisionRequested,
    RunKind.REVIEW: ReviewRequested,
}


def build(session: Session, repository: Repository, run: Run) -> Request:
    """The request for `run`'s present generation."""
    policy = policy_of(repository)
    common: dict[str, Any] = {
        "repo": repository.repo,
        "run": run.id,
        "generation": run.generation,
        "lease_s": run.lease_s,
        "limits": RunLimits(
            timeout_s=policy.limits.run_timeout.total_seconds(),
            bundle_bytes=policy.limits.bundle_bytes,
            money_micros=run.reserved_micros,
        ),
        "policy": repository.policy,
        "policy_digest": repository.policy_digest,
        "default_branch": repository.default_branch,
        "base_sha": repository.head_sha,
    }
    if run.kind == RunKind.PROPOSALS:
        return _proposals(session, repository, run, common)
    issue = session.get_one(Issue, (repository.id, run.issue))
    common |= {"issue": issue.number, "approval": issue.approval, "snapshot": issue.snapshot}
    if run.kind == RunKind.IMPLEMENTATION:
        return ImplementationRequested(**common)
    common |= {"pull_request": run.pull_request, "head": run.head}
    if run.kind == RunKind.REVISION:
        return RevisionRequested(**common, round=run.round, cause=run.cause)
    return ReviewRequested(**common, round=run.round, tip=run.tip)


def again(session: Session, repository: Repository, run: Run) -> Request | None:
    """The request as it was said before, for the same generation. One of an earlier life is made
    again; None while it is not known yet what that was about."""
    if run.request:
        return TOPICS[run.kind].model_validate_json(run.request)
    return None if not _is_whole(run) else build(session, repository, run)


def _is_whole(run: Run) -> bool:
    if run.kind == RunKind.REVISION:
        return run.cause is not None and run.head is not None
    return run.kind != RunKind.REVIEW or None not in (run.head, run.tip)


def standing(session: Session, repository: Repository) -> list[KnownProposal]:
    """The proposals that were written to the forge, as pm-agent is told of them."""
    of_issue = (Merged.repo_id == Proposal.repo_id) & (Merged.issue == Proposal.issue)
    rows = session.execute(
        select(Proposal, Merged).outerjoin(Merged, of_issue).where(
            Proposal.repo_id == repository.id
        )
    )  # fmt: skip
    return [
        KnownProposal(
            proposal=row.proposal, issue=row.issue, content=row.content, open=row.open,
            merged=merged is not None and merged.tip != repository.head_sha,
        )
        for row, merged in rows
    ]  # fmt: skip


def _proposals(
    session: Session, repository: Repository, run: Run, common: dict[str, Any]
) -> ProposalsRequested:
    policy = policy_of(repository)
    known = standing(session, repository)
    room = policy.limits.open_proposals - sum(each.open for each in known)
    return ProposalsRequested(
        **common,
        quota=max(0, min(policy.proposals.quota, room)),
        focus=run.focus or policy.proposals.focus or "",
        known=tuple(known),
        event=run.event,
    )

"""Gate 1 at work: read the issue live, decide, record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy.orm import Session

from services.gatekeeper import ledger
from services.gatekeeper.approving import (
    Approve,
    Decision,
    Nothing,
    Present,
    RemoveLabel,
    decide,
)
from services.gatekeeper.decisions.commanding import accepted_commands
from services.gatekeeper.desk import Desk, PolicyAt
from services.gatekeeper.facts import IssueFacts
from services.gatekeeper.jobs import (
    AssessIssue,
    AssessPull,
    CloseWork,
    DeclineIssue,
    DropLabel,
    OpenFound,
    ShowIssue,
    ShowText,
)
from services.gatekeeper.keeping import so_far
from services.gatekeeper.live import issue_facts
from services.gatekeeper.rebuilding.birth import before, is_known, know
from services.gatekeeper.rebuilding.recollecting import Recollection, recollect, remembering
from services.gatekeeper.rebuilding.taking_over import hold_work, take_issue, take_work
from services.gatekeeper.rebuilding.working import Held, Over, Work, find_held, find_work
from services.gatekeeper.roles import Unreadable
from services.gatekeeper.rows import issue_row, pull_of_approval
from services.gatekeeper.standing import Revoke, Undecided
from services.gatekeeper.tables import Proposal, Pull
from shared.errors import TryLater
from shared.jobs import JobContext, Outcome
from shared.messages import Repo
from shared.messages.content import Reason
from shared.messages.gate import (
    CommandAccepted,
    CommandAnswered,
    IssueApproved,
    IssueOpened,
    IssueRevoked,
    PullRequestClosed,
    PullRequestOpened,
    PullRequestUpdated,
    ReviewPosted,
)
from shared.store import Handling

Said: TypeAlias = (
    IssueApproved
    | IssueRevoked
    | CommandAccepted
    | CommandAnswered
    | DeclineIssue
    | ShowText
    | DropLabel
    | ShowIssue
    | CloseWork
    | AssessPull
    | IssueOpened
    | PullRequestOpened
    | PullRequestUpdated
    | PullRequestClosed
    | ReviewPosted
    | AssessIssue
    | OpenFound
)
GONE = Reason(name="gone", text="the issue was deleted or moved away")


class Gate1:
    """Carries out `AssessIssue`."""

    def __init__(self, desk_of: Callable[[Repo], Desk]) -> None:
        self._desk_of = desk_of

    async def assess_issue(self, job: AssessIssue, at: JobContext) -> Outcome[Said]:
        """Decide on what stands there now, whatever event made us look."""
        desk = self._desk_of(job.repo)
        policy = await desk.policy()
        if isinstance(policy, Unreadable):
            raise TryLater(f"{job.repo}#{job.issue}: {policy.cause}")
        facts = await issue_facts(desk, job.issue, policy)
        if facts is None:
            return lambda handling: _revoke(handling, job, GONE)
        found = await self._traces(desk, facts)
        if found is not None:
            facts = remembering(facts, found)
        decision = decide(facts)
        if isinstance(decision, Revoke) and decision.reason.name == "closed":
            merging = await _merging(desk, facts)
            if merging is not None:
                return lambda handling: [merging]
        if isinstance(decision, Undecided):
            raise TryLater(f"{job.repo}#{job.issue}: {decision.cause}")
        commands = await accepted_commands(desk, facts)
        past = await _look_back(desk, facts, found, decision, policy)

        def outcome(handling: Handling) -> list[Said]:
            _note_proposals(handling, facts)
            said = _decided(handling, facts, decision, policy)
            if past is not None and past.held:  # not known yet: its approval may be found again
                said += take_issue(handling, facts, past.found)
                for held in past.held:
                    said += hold_work(handling, facts.repo, job.issue, held)
            elif know(handling, facts.repo.id, job.issue) and past is not None:
                said = _taken_over(handling, facts, decision, policy, past, said)
            return [*said, *commands.say(handling)]  # a command steers what was approved before it

        if commands.unread is not None:  # what is decided stands; the rest is looked at again
            await at.commit(outcome)
            raise TryLater(f"{job.repo}#{job.issue}: {commands.unread.cause}")
        return outcome

    async def _traces(self, desk: Desk, facts: IssueFacts) -> Recollection | None:
        """What an earlier memory left on an issue that this one has not looked through yet."""

        def may_have_some(session: Session) -> bool:
            known = is_known(session, facts.repo.id, facts.issue.number)
            return not known and before(session, facts.repo.id, facts.issue.created_at)

        return recollect(facts) if await desk.store.run(may_have_some) else None


@dataclass(frozen=True)
class _Past:
    """What was found of an earlier memory."""

    found: Recollection
    work: Work | Over | None = None
    held: Sequence[Held] = ()


async def _look_back(
    desk: Desk, facts: IssueFacts, found: Recollection | None, decision: Decision, policy: PolicyAt
) -> _Past | None:
    """The work under an approval that lives again, or else what stands open without one."""
    if found is None:
        return None
    number = facts.issue.number
    if isinstance(decision, Approve):
        return _Past(found, await find_work(desk, number, decision.approval, policy))
    if decision == Nothing() and found.comment is None and found.label is None:
        return _Past(found)  # the fleet never had to do with it
    return _Past(found, held=await find_held(desk, number, policy))


def _taken_over(
    at: Handling, facts: IssueFacts, decision: Decision, policy: PolicyAt, past: _Past,
    said: list[Said],
) -> list[Said]:  # fmt: skip
    """The same with what stood on the forge before; an approval whose work is over is not said."""
    said = [*said, *take_issue(at, facts, past.found)]
    if not isinstance(decision, Approve):
        return said
    said += take_work(
        at, facts, decision.approval, past.work, tip=policy.tip, policy_digest=policy.digest
    )
    if isinstance(past.work, Over):
        return [each for each in said if not isinstance(each, IssueApproved)]
    if isinstance(past.work, Work) and past.work.pull is not None:
        said = [each for each in said if not isinstance(each, ShowIssue)]  # once it is judged again
    return [
        each.model_copy(update={"so_far": so_far(at.session, each)})
        if isinstance(each, IssueApproved) else each
        for each in said
    ]  # fmt: skip


def _decided(at: Handling, facts: IssueFacts, decision: Decision, policy: PolicyAt) -> list[Said]:
    """Record what was decided, and what follows from it."""
    repo, issue = facts.repo, facts.issue.number
    if isinstance(decision, Approve):
        return _approve(at, facts, decision, policy)
    if isinstance(decision, Revoke):
        said = _revoke(at, AssessIssue(repo=repo, issue=issue), decision.reason)
        if decision.snapshot is None:
            return said
        why = decision.reason.text
        return [*said, ShowText(repo=repo, issue=issue, snapshot=decision.snapshot, why=why)]
    if isinstance(decision, Present):
        return [ShowText(repo=repo, issue=issue, snapshot=decision.snapshot, why=decision.why)]
    if isinstance(decision, RemoveLabel):
        return [DropLabel(repo=repo, issue=issue, reason=decision.reason)]
    return []


async def _merging(desk: Desk, facts: IssueFacts) -> AssessPull | None:
    """An issue that its own pull request closed by being merged: that ends the approval, and is no
    revocation. A timeline does not always name the pull request, so it is asked itself."""
    assert facts.record is not None
    approval = facts.record.approval
    row = await desk.store.run(lambda session: pull_of_approval(session, desk.repo.id, approval))
    pull = await desk.forge.pull_request(row.number) if row is not None else None
    if pull is None or not pull.merged:
        return None
    return AssessPull(repo=desk.repo, pull=pull.number)


def _approve(at: Handling, facts: IssueFacts, approved: Approve, policy: PolicyAt) -> list[Said]:
    number = facts.issue.number
    if not ledger.grant(at.session, facts.repo.id, number, approved, at.now):
        return []
    issue_row(at.session, facts.repo.id, number).notice = ""
    message = IssueApproved(
        repo=facts.repo, issue=number, approval=approved.approval, digest=approved.digest,
        snapshot=approved.snapshot, approver=approved.approver, expires_at=approved.expires_at,
        labels=facts.issue.labels,
        reserve_micros=int(policy.policy.budget.issue * 1_000_000),
    )  # fmt: skip
    return [
        message, *_replace(at, facts.repo, number, approved), ShowIssue(repo=facts.repo, issue=number)
    ]  # fmt: skip


def _replace(at: Handling, repo: Repo, issue: int, approved: Approve) -> list[CloseWork]:
    """A new approval closes the old pull request; one that was held until now is still open."""
    old = at.session.query(Pull).filter_by(repo_id=repo.id, issue=issue, state="open")
    return [
        CloseWork(repo=repo, issue=issue, approval=row.approval)
        for row in old if row.approval != approved.approval
    ]  # fmt: skip


def _revoke(at: Handling, job: AssessIssue, reason: Reason) -> list[Said]:
    record = ledger.live(at.session, job.repo.id, job.issue)
    if record is None or not ledger.end(at.session, record.approval, reason, at.now):
        return []
    said: list[Said] = [
        IssueRevoked(repo=job.repo, issue=job.issue, approval=record.approval, reason=reason),
        CloseWork(repo=job.repo, issue=job.issue, approval=record.approval),
        ShowIssue(repo=job.repo, issue=job.issue),
    ]
    if record.approver.source.startswith("label:") and reason.name not in ("unlabeled", "gone"):
        said.append(DropLabel(repo=job.repo, issue=job.issue, reason=reason))
    return said


def _note_proposals(at: Handling, facts: IssueFacts) -> None:
    """A closed proposal is declined or done: it is never written again."""
    for row in at.session.query(Proposal).filter_by(
        repo_id=facts.repo.id, issue=facts.issue.number
    ):
        row.open = facts.issue.state == "open"

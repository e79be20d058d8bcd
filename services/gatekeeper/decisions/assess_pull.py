"""Gate 2 at work: read the pull request live, judge every input, record what changed."""

from collections.abc import Callable
from typing import TypeAlias

from services.gatekeeper import ledger
from services.gatekeeper.decisions.wanting import Wants, what_is_wanted
from services.gatekeeper.desk import STOP_FILE, Desk
from services.gatekeeper.evaluating import Evaluation, evaluate
from services.gatekeeper.hearing import hear_once
from services.gatekeeper.jobs import (
    AssessIssue,
    AssessPull,
    LookAtStop,
    OpenFound,
    ShowGate,
    ShowIssue,
)
from services.gatekeeper.ownership import TakenOver
from services.gatekeeper.pull_live import PullFacts, pull_facts
from services.gatekeeper.rebuilding.birth import before, is_known
from services.gatekeeper.rebuilding.taking_over import take_end
from services.gatekeeper.rebuilding.working import branch_of, ended_approval
from services.gatekeeper.roles import is_fleet
from services.gatekeeper.tables import Approval, Heard, Pull
from services.gatekeeper.words.notices import INCIDENT
from shared.jobs import JobContext, Outcome, nothing
from shared.messages import Repo
from shared.messages.content import Reason
from shared.messages.gate import (
    IssueOpened,
    PullRequestClosed,
    PullRequestEvaluated,
    PullRequestOpened,
    PullRequestTakenOver,
    PullRequestUpdated,
    ReviewPosted,
    ReviewWanted,
    RevisionWanted,
)
from shared.messages.objects import PullRequest
from shared.store import Handling

Said: TypeAlias = (
    PullRequestEvaluated | PullRequestClosed | PullRequestTakenOver | RevisionWanted
    | ReviewWanted | ShowGate | ShowIssue | AssessIssue | LookAtStop | IssueOpened
    | PullRequestOpened | PullRequestUpdated | ReviewPosted | OpenFound
)  # fmt: skip

INCIDENT_KEY = "incident:{pull}"


class Gate2:
    """Carries out `AssessPull`."""

    def __init__(self, desk_of: Callable[[Repo], Desk]) -> None:
        self._desk_of = desk_of

    async def assess_pull(self, job: AssessPull, at: JobContext) -> Outcome[Said]:
        """Judge the head that stands there now, whatever event made us look."""
        desk = self._desk_of(job.repo)
        pull = await desk.forge.pull_request(job.pull)
        row = await desk.store.run(lambda session: session.get(Pull, (job.repo.id, job.pull)))
        if pull is None:
            return lambda handling: []
        if await self._is_incident(desk, pull):
            (desk.state / STOP_FILE).write_text(INCIDENT + "\n", encoding="utf-8")
            return lambda handling: [*_incident(handling, job), *_end(handling, job, pull)]
        if pull.state == "closed":
            return await self._over(desk, job, pull, row)
        if row is None:
            return await self._foreign(desk, job, pull)
        facts = await pull_facts(desk, row, pull, await desk.policy())
        evaluation = evaluate(facts.gate)
        wants = await what_is_wanted(desk, row, facts, evaluation)
        return lambda handling: _judged(handling, job, facts, evaluation, wants)

    async def _foreign(self, desk: Desk, job: AssessPull, pull: PullRequest) -> Outcome[Said]:
        """Somebody else's, or one of ours that an earlier memory knew: its issue tells."""
        if await self._is_forgotten(desk, pull):
            issue = _named(pull)[0]
            known = await desk.store.run(lambda session: is_known(session, job.repo.id, issue))
            if not known:
                return lambda handling: [AssessIssue(repo=job.repo, issue=issue)]
        return lambda handling: [ShowGate(repo=job.repo, pull=job.pull)]

    async def _over(
        self, desk: Desk, job: AssessPull, pull: PullRequest, row: Pull | None
    ) -> Outcome[Said]:
        """It is merged or closed; one that is not known here is learnt as that."""
        if row is not None or not await self._is_forgotten(desk, pull):
            return lambda handling: _end(handling, job, pull)
        approval = await ended_approval(desk, pull)
        if approval is None:
            return nothing
        issue = _named(pull)[0]
        return lambda handling: [
            *take_end(handling, job.repo, issue, approval, pull),
            AssessIssue(repo=job.repo, issue=issue),
        ]

    async def _is_forgotten(self, desk: Desk, pull: PullRequest) -> bool:
        """Whether it is from a branch of ours, by us, and older than the memory."""
        ours = branch_of(pull.head_ref) is not None and pull.head_repo == str(desk.repo)
        if not ours or not is_fleet(pull.author, await desk.fleet()):
            return False
        return await desk.store.run(lambda session: before(session, desk.repo.id, pull.created_at))

    async def _is_incident(self, desk: Desk, pull: PullRequest) -> bool:
        """Whether the fleet's own identity merged it, whosever it is, and nobody was told yet: a
        person who took the stop away is not stopped by the same merge again (I-14)."""
        if not pull.merged or not is_fleet(pull.merged_by, await desk.fleet()):
            return False
        known = (desk.repo.id, INCIDENT_KEY.format(pull=pull.number))
        return await desk.store.run(lambda session: session.get(Heard, known)) is None


def _named(pull: PullRequest) -> tuple[int, str]:
    named = branch_of(pull.head_ref)
    assert named is not None
    return named


def _incident(at: Handling, job: AssessPull) -> list[Said]:
    if not hear_once(at, job.repo.id, INCIDENT_KEY.format(pull=job.pull)):
        return []
    ledger.write(at.session, "incident", {"pull": job.pull, "why": INCIDENT},
                 repo_id=job.repo.id, issue=None, at=at.now)  # fmt: skip
    return [LookAtStop(repo=job.repo)]


def _end(at: Handling, job: AssessPull, pull: PullRequest) -> list[Said]:
    row = at.session.get(Pull, (job.repo.id, job.pull))
    if row is None or row.state != "open":
        return []
    row.state = "merged" if pull.merged else "closed"
    who = pull.merged_by.login if pull.merged_by else "somebody"
    text = f"its pull request was merged by {who}" if pull.merged else "its pull request was closed"
    ledger.end(at.session, row.approval, Reason(name=row.state, text=text), at.now)
    said: list[Said] = [
        PullRequestClosed(
            repo=job.repo, issue=row.issue, pull_request=row.number, approval=row.approval,
            merged=pull.merged, by=pull.merged_by, merge_sha=pull.merge_sha,
        ),
        ShowIssue(repo=job.repo, issue=row.issue),
        AssessIssue(repo=job.repo, issue=row.issue),  # a label of the ended approval goes
    ]  # fmt: skip
    return said


def _judged(
    at: Handling, job: AssessPull, facts: PullFacts, evaluation: Evaluation, wants: Wants
) -> list[Said]:
    row = at.session.get_one(Pull, (job.repo.id, job.pull))
    if row.state != "open":
        return []
    said: list[Said] = []
    ownership = facts.gate.ownership
    if isinstance(ownership, TakenOver) and not row.taken_over:
        row.taken_over = True
        if at.session.get(Approval, row.approval) is not None:  # held: nobody works on it
            said.append(PullRequestTakenOver(
                repo=job.repo, issue=row.issue, pull_request=row.number, sha=ownership.sha,
                who=ownership.who,
            ))  # fmt: skip
    judged = f"{facts.gate.head} {facts.tip}"
    if (row.judged, row.inputs) != (judged, evaluation.inputs):
        row.judged, row.inputs = judged, evaluation.inputs
        said += _news(at, row, facts, evaluation, job.repo)
    for what, message in wants:
        if hear_once(at, job.repo.id, what):
            said.append(message)
    return said


def _news(
    at: Handling, row: Pull, facts: PullFacts, evaluation: Evaluation, repo: Repo
) -> list[Said]:
    ledger.write(
        at.session, "gate2",
        {
            "pull": row.number, "head": facts.gate.head, "tip": facts.tip,
            "inputs": [each.model_dump() for each in evaluation.inputs], "open": evaluation.open,
        },
        repo_id=repo.id, issue=row.issue, at=at.now,
    )  # fmt: skip
    return [
        PullRequestEvaluated(
            repo=repo, issue=row.issue, pull_request=row.number, head=facts.gate.head,
            tip=facts.tip, inputs=evaluation.inputs, open=evaluation.open,
        ),
        ShowGate(repo=repo, pull=row.number),
        ShowIssue(repo=repo, issue=row.issue),
    ]  # fmt: skip

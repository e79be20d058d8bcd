"""Opening the pull request of a branch of ours: now, or for a branch that was pushed in another life."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from services.gatekeeper.approving import re_gate
from services.gatekeeper.desk import Desk, PolicyAt
from services.gatekeeper.drafting import Verdict, judge_change
from services.gatekeeper.facts import IssueFacts, Record
from services.gatekeeper.jobs import AssessIssue, AssessPull, OpenFound, ShowIssue
from services.gatekeeper.live import issue_facts
from services.gatekeeper.pull_live import brief_of
from services.gatekeeper.rebuilding.taking_over import take_work
from services.gatekeeper.rebuilding.working import Work, find_work
from services.gatekeeper.roles import Unreadable
from services.gatekeeper.rows import issue_row
from services.gatekeeper.tables import Repository
from services.gatekeeper.words.notices import refused
from services.gatekeeper.words.pull_request import (
    PullRequestWords,
    pull_request_body,
    pull_request_title,
)
from shared.errors import TryLater
from shared.jobs import JobContext, Outcome, nothing
from shared.messages import Repo
from shared.messages.content import Reason
from shared.messages.gate import (
    IssueOpened,
    PullRequestClosed,
    PullRequestOpened,
    PullRequestUpdated,
    ReviewPosted,
)
from shared.messages.objects import PullRequest
from shared.snapshot import BriefError
from shared.store import Handling

Said: TypeAlias = (
    IssueOpened | PullRequestOpened | PullRequestUpdated | PullRequestClosed | ReviewPosted
    | AssessIssue | AssessPull | ShowIssue | OpenFound
)  # fmt: skip


@dataclass(frozen=True)
class Opening:
    """What a pull request is opened with."""

    branch: str
    verdict: Verdict
    round: int
    summary: str = ""


class Opener:
    """Carries out `OpenFound`."""

    def __init__(self, desk_of: Callable[[Repo], Desk]) -> None:
        self._desk_of = desk_of

    async def open_found(self, job: OpenFound, at: JobContext) -> Outcome[Said]:
        """The push had been done and the pull request not: what was begun is ended, if it still may."""
        desk = self._desk_of(job.repo)
        await desk.may_act()
        policy = await desk.policy()
        if isinstance(policy, Unreadable):
            raise TryLater(f"{job.repo}: {policy.cause}")
        facts = await issue_facts(desk, job.issue, policy)
        record = facts.record if facts is not None else None
        if facts is None or record is None or record.approval != job.approval:
            return nothing
        closed = re_gate(record, facts)
        if closed is not None and closed.name == "undecided":
            raise TryLater(f"{job.repo}#{job.issue}: {closed.text}")
        work = await find_work(desk, job.issue, job.approval, policy)
        if closed is not None or not isinstance(work, Work):
            return nothing
        if work.pull is None:
            verdict = await self._judge(desk, work, policy, record)
            if verdict.rejects:
                return lambda handling: _refused(handling, job, verdict)
            opening = Opening(work.branch, verdict, work.round)
            await open_pull_request(desk, policy, record, facts, opening)
            work = await find_work(desk, job.issue, job.approval, policy)
        found = work
        return lambda handling: take_work(
            handling, facts, job.approval, found, tip=policy.tip, policy_digest=policy.digest
        )

    async def _judge(self, desk: Desk, work: Work, policy: PolicyAt, record: Record) -> Verdict:
        """What the policy and the scope say of it now."""
        brief = await desk.store.run(lambda session: brief_of(session, record.approval))
        if isinstance(brief, BriefError):
            return Verdict((), (Reason(name="brief", text=brief.text),))
        return judge_change(work.diff, policy.policy, brief=brief)


def _refused(at: Handling, job: OpenFound, verdict: Verdict) -> list[Said]:
    """It was allowed when it was pushed and is not now: people read why."""
    issue_row(at.session, job.repo.id, job.issue).notice = refused(verdict.rejects)
    return [ShowIssue(repo=job.repo, issue=job.issue)]


async def open_pull_request(
    desk: Desk, policy: PolicyAt, record: Record, facts: IssueFacts, opening: Opening
) -> PullRequest:
    """The pull request of a branch, made if there is none."""
    repository = await desk.store.run(lambda session: session.get(Repository, desk.repo.id))
    findings = repository.findings if repository else ()
    words = PullRequestWords(
        issue=facts.issue.number, digest=record.digest, summary=opening.summary,
        round=opening.round,
        rounds=policy.policy.review.rounds, approver=record.approver,
        four_eyes=policy.policy.approval.four_eyes, flags=opening.verdict.flags,
        accepted=tuple(each for each in findings if each.accepted),
    )  # fmt: skip
    return await desk.forge.create_pull_request(
        head=opening.branch, base=policy.branch, body=pull_request_body(words),
        title=pull_request_title(record.snapshot.title, issue=facts.issue.number),
    )  # fmt: skip

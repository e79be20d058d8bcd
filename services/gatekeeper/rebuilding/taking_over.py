"""What was found on the forge becomes rows again, and is said again to those who may have missed it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from pydantic import JsonValue

from services.gatekeeper import ledger
from services.gatekeeper.facts import IssueFacts
from services.gatekeeper.jobs import AssessIssue, AssessPull, OpenFound, ShowIssue
from services.gatekeeper.rebuilding.birth import begin
from services.gatekeeper.rebuilding.recollecting import Recollection
from services.gatekeeper.rebuilding.working import Held, Over, Work
from services.gatekeeper.rows import issue_row
from services.gatekeeper.tables import Commit, Proposal, Pull, Review, Run
from shared.messages import Repo
from shared.messages.content import Reason, RunKind
from shared.messages.gate import (
    IssueOpened,
    PullRequestClosed,
    PullRequestOpened,
    PullRequestUpdated,
    ReviewPosted,
)
from shared.messages.ids import proposals_run
from shared.messages.objects import PullRequest
from shared.snapshot import take
from shared.store import Handling

Said: TypeAlias = (
    IssueOpened | PullRequestOpened | PullRequestUpdated | PullRequestClosed | ReviewPosted
    | AssessIssue | AssessPull | ShowIssue | OpenFound
)  # fmt: skip

LOST_RUN = "a run that is not known any more"
ENDED = "its pull request #{pull} was {state} before"


@dataclass(frozen=True)
class _Of:
    """What a run that was found was about."""

    issue: int
    approval: UUID
    round: int
    head: str | None = None
    tip: str = ""
    before: int = 0
    """How many of its kind came later: generations tell their order."""


def take_issue(at: Handling, facts: IssueFacts, found: Recollection) -> list[Said]:
    """The issue's row as the fleet's comment and labels tell it, and its proposal's."""
    number, repo = facts.issue.number, facts.repo
    row = issue_row(at.session, repo.id, number)
    memory = found.memory
    row.title = facts.issue.title
    row.runs, row.spent_micros = (
        max(row.runs, memory.runs), max(row.spent_micros, memory.spent_micros)
    )  # fmt: skip
    row.label = row.label or found.label
    if row.comment is None and found.comment is not None:
        row.comment, row.comment_text = found.comment, found.comment_text
        row.shown_text, row.notice = found.shown_text, found.notice
        if facts.presented is not None:
            row.presented, row.presented_at = facts.presented.digest, facts.presented.at
    live = ledger.live(at.session, repo.id, number) is not None
    until = memory.parked_until
    if live and memory.rest and row.rest is None and (until is None or until > at.now):
        row.rest, row.rest_words, row.rest_until = memory.rest, memory.rest_words, until
    said: list[Said] = [*_take_proposal(at, facts, found)]
    if found.label is not None or found.comment is not None:
        said.append(ShowIssue(repo=repo, issue=number))
    return said


def take_work(at: Handling, facts: IssueFacts, approval: UUID, work: Work | Over | None, *, tip: str,
              policy_digest: str) -> list[Said]:  # fmt: skip
    """Branch, commits, pull request and verdict under an approval that lives again."""
    repo, number = facts.repo, facts.issue.number
    if work is None:
        return []
    if isinstance(work, Over):
        ended = take_end(at, repo, number, approval, work.pull)
        return [*ended, AssessIssue(repo=repo, issue=number)]  # a label of the ended approval goes
    _take_commits(at, repo, number, approval, work)
    if work.pull is None:
        return [OpenFound(repo=repo, issue=number, approval=approval)]
    if not _take_pull(at, repo, number, approval, work):
        return []
    verdict_tip = work.verdict.tip if work.verdict is not None else None
    said: list[Said] = [published(repo, number, approval, work, base=verdict_tip or tip)]
    said += _take_verdict(at, facts, approval, work, tip=tip, policy_digest=policy_digest)
    return [*said, AssessPull(repo=repo, pull=work.pull.number)]


def hold_work(at: Handling, repo: Repo, issue: int, held: Held) -> list[AssessPull]:
    """An open pull request whose approval is to be asked again: it is known and judged, and its gate
    stays closed. Nobody is told that it was opened: under no approval there is nothing to do for it."""
    assert held.work.pull is not None
    _take_commits(at, repo, issue, held.approval, held.work)
    _take_pull(at, repo, issue, held.approval, held.work)
    return [AssessPull(repo=repo, pull=held.work.pull.number)]


def take_end(
    at: Handling, repo: Repo, issue: int, approval: UUID, pull: PullRequest
) -> list[PullRequestClosed]:
    """A pull request of ours that is merged or closed, and with it the approval's end."""
    state = "merged" if pull.merged else "closed"
    if at.session.get(Pull, (repo.id, pull.number)) is None:
        at.session.add(Pull(
            repo_id=repo.id, number=pull.number, issue=issue, approval=approval,
            branch=pull.head_ref, base=pull.base_sha, head=pull.head_sha, round=1, state=state,
            taken_over=False, inputs=(), judged=None, asked=None,
        ))  # fmt: skip
    text = ENDED.format(pull=pull.number, state=state)
    ledger.end(at.session, approval, Reason(name=state, text=text), at.now)
    _note(at, repo, issue, {"approval": str(approval), "pull": pull.number, "state": state})
    return [PullRequestClosed(
        repo=repo, issue=issue, pull_request=pull.number, approval=approval, merged=pull.merged,
        by=pull.merged_by, merge_sha=pull.merge_sha,
    )]  # fmt: skip


def published(
    repo: Repo, issue: int, approval: UUID, work: Work, *, base: str
) -> PullRequestOpened | PullRequestUpdated:
    """What is said of work that was found with its pull request."""
    assert work.pull is not None
    kind = PullRequestOpened if work.round == 1 else PullRequestUpdated
    return kind(
        repo=repo, issue=issue, pull_request=work.pull.number, approval=approval, run=work.run,
        branch=work.branch, head=work.head, base=base, round=work.round,
        files=len(work.diff.files), lines=work.diff.lines,
    )  # fmt: skip


def _take_commits(at: Handling, repo: Repo, issue: int, approval: UUID, work: Work) -> None:
    for sha, run in work.commits:
        at.session.merge(Commit(sha=sha, repo_id=repo.id, approval=approval, run=run))
    for place, (_, run) in enumerate(work.commits):
        _take_run(at, repo, run, RunKind.REVISION if place else RunKind.IMPLEMENTATION,
                  _Of(issue, approval, place + 1, before=len(work.commits) - place))  # fmt: skip


def _take_pull(at: Handling, repo: Repo, issue: int, approval: UUID, work: Work) -> bool:
    """Its row, unless it was held before; False when it has ended since it was read."""
    assert work.pull is not None
    row = at.session.get(Pull, (repo.id, work.pull.number))
    if row is not None:
        return row.state == "open"
    at.session.add(Pull(
        repo_id=repo.id, number=work.pull.number, issue=issue, approval=approval,
        branch=work.branch, base=work.base, head=work.head, round=work.round, state="open",
        taken_over=False, inputs=(), judged=None, asked=work.head if work.asked else None,
    ))  # fmt: skip
    _note(at, repo, issue, {"approval": str(approval), "pull": work.pull.number,
                            "head": work.head, "commits": [sha for sha, _ in work.commits]})  # fmt: skip
    return True


def _take_verdict(
    at: Handling, facts: IssueFacts, approval: UUID, work: Work, *, tip: str, policy_digest: str
) -> list[Said]:
    """A verdict of a tip or policy that is over is kept as such: it asks for a new one."""
    found, repo = work.verdict, facts.repo
    assert work.pull is not None
    if found is None:
        return []
    holds = found.tip is not None
    at.session.merge(Review(
        repo_id=repo.id, pull=work.pull.number, run=found.run, verdict=found.verdict.value,
        head=work.head, tip=found.tip or tip, policy_digest=policy_digest if holds else "",
        approval=approval, tests=found.tests,
    ))  # fmt: skip
    of = _Of(facts.issue.number, approval, work.round, work.head, found.tip or tip)
    _take_run(at, repo, found.run, RunKind.REVIEW, of)
    if found.tip is None:
        return []
    return [ReviewPosted(
        repo=repo, issue=facts.issue.number, pull_request=work.pull.number, run=found.run,
        verdict=found.verdict, findings=found.findings, tests=found.tests, head=work.head,
        tip=found.tip, policy_digest=policy_digest,
    )]  # fmt: skip


def _take_run(at: Handling, repo: Repo, run: UUID, kind: RunKind, of: _Of) -> None:
    """Its draft was carried out: no other of it will be, whatever its generation."""
    generation = _milliseconds(begin(at, repo.id)) - of.before
    row = at.session.get(Run, run)
    if row is None:
        row = Run(
            id=run, repo_id=repo.id, kind=kind.value, issue=of.issue, approval=of.approval,
            generation=generation, base=of.tip, head=of.head, round=of.round, policy_digest="",
            quota=0,
            live=False, cancelled=0, carried_out=None,
        )  # fmt: skip
        at.session.add(row)
    row.carried_out, row.live = row.carried_out or row.generation, False


def _take_proposal(at: Handling, facts: IssueFacts, found: Recollection) -> list[IssueOpened]:
    key = (facts.repo.id, found.proposal)
    if found.proposal is None or at.session.get(Proposal, key) is not None:
        return []
    at.session.add(Proposal(
        repo_id=facts.repo.id, id=found.proposal, issue=facts.issue.number, content="",
        text_digest=found.text_digest, open=facts.issue.state == "open",
    ))  # fmt: skip
    return [IssueOpened(
        repo=facts.repo, issue=facts.issue.number, proposal=found.proposal, content="",
        run=proposals_run(facts.repo.id, LOST_RUN), title=facts.issue.title,
        digest=take(facts.repo, facts.issue, []).digest,
    )]  # fmt: skip


def _note(at: Handling, repo: Repo, issue: int, record: dict[str, JsonValue]) -> None:
    ledger.write(at.session, "rebuild", record, repo_id=repo.id, issue=issue, at=at.now)


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)

"""What the gatekeeper reacts to. A message only says "look": what decides is read by a job."""

import hashlib
from typing import TypeAlias

from services.gatekeeper.desk import STOP_LABEL
from services.gatekeeper.jobs import (
    AssessIssue,
    AssessPull,
    Examine,
    LookAtStop,
    OpenIssues,
    PostReview,
    PublishChange,
    ShowIssue,
    ShowPolicy,
)
from services.gatekeeper.rows import issue_row
from services.gatekeeper.tables import UNSEEN, Draft, Issue, Pull, Repository, Run
from shared.lifecycle import LABELS
from shared.messages.content import RunKind
from shared.messages.draft import ChangeProposed, IssuesProposed, ReviewProposed
from shared.messages.objects import Issue as IssueObject
from shared.messages.observed import (
    CheckObserved,
    CommentObserved,
    IssueObserved,
    PullRequestObserved,
    PushObserved,
    RepositoryObserved,
    ReviewObserved,
)
from shared.messages.work import (
    ImplementationRequested,
    IssueParked,
    ProposalsRequested,
    ReviewRequested,
    RevisionRequested,
    RunCancelled,
    RunEnded,
    WorkRequest,
)
from shared.store import Handling

GATE_CHECK = "gatefleet/gate"
STATE_LABELS = frozenset(filter(None, LABELS.values()))
Shown: TypeAlias = list[ShowIssue]


def note_repository(
    message: RepositoryObserved, at: Handling
) -> list[Examine | LookAtStop | AssessPull | ShowPolicy]:
    """Keep the last good policy; look at protection, and at every open pull request: the tip or
    the policy that they are judged by may have moved. A newer policy that is broken is told of."""
    row = at.session.get(Repository, message.repo.id)
    if row is None:
        row = Repository(
            id=message.repo.id, protected=None, findings=(), stopped=None, policy={},
            policy_errors=(), seen_at=None,
        )  # fmt: skip
        at.session.add(row)
    row.repo = message.repo
    told: list[ShowPolicy] = []
    if not _is_older(message, row):
        row.policy, row.seen_at = message.policy, message.seen_at or row.seen_at
        if row.policy_errors or message.policy_errors:
            told.append(ShowPolicy(repo=message.repo, was_broken=bool(row.policy_errors)))
        row.policy_errors = message.policy_errors
    pulls = at.session.query(Pull).filter_by(repo_id=message.repo.id, state="open")
    looks = [AssessPull(repo=message.repo, pull=pull.number) for pull in pulls]
    return [Examine(repo=message.repo), LookAtStop(repo=message.repo), *told, *looks]


def _is_older(message: RepositoryObserved, row: Repository) -> bool:
    """Whether something newer was seen: messages may cross."""
    return message.seen_at is not None and row.seen_at is not None and message.seen_at < row.seen_at


def see_issue(message: IssueObserved, at: Handling) -> list[AssessIssue | LookAtStop]:
    """Look at the issue; its labels may be the kill switch.

    Where nothing but the state labels differs from the last look there is nothing to decide: those
    are ours to show, and looking again at each of them would be looking at ourselves (I-21).
    """
    row = issue_row(at.session, message.repo.id, message.issue.number)
    row.title = message.issue.title
    if _only_shown(row, message.issue):
        return []
    looks: list[AssessIssue | LookAtStop] = [
        AssessIssue(repo=message.repo, issue=message.issue.number)
    ]
    repository = at.session.get(Repository, message.repo.id)
    labelled = any(name.casefold() == STOP_LABEL for name in message.issue.labels)
    if labelled or (repository is not None and repository.stopped is not None):
        looks.append(LookAtStop(repo=message.repo))
    return looks


def _only_shown(row: Issue, issue: IssueObject) -> bool:
    """Whether only our state labels moved since the last observation of this issue."""
    shown = tuple(sorted(name for name in issue.labels if name in STATE_LABELS))
    rest = issue.model_copy(update={
        "labels": tuple(sorted(set(issue.labels) - set(shown))), "updated_at": issue.created_at
    })  # fmt: skip
    digest = hashlib.sha256(rest.model_dump_json().encode()).hexdigest()
    before, row.seen = row.seen, f"{digest} {','.join(shown)}"
    return before.partition(" ")[0] == digest and before != row.seen


def see_comment(message: CommentObserved, at: Handling) -> list[AssessIssue | AssessPull]:
    """Look at what it stands on."""
    number = message.comment.number
    if message.comment.author.kind != "User":
        return []  # a machine's words are never read, and never command (I-03)
    if message.on_pull_request:
        return [AssessPull(repo=message.repo, pull=number)]
    return [AssessIssue(repo=message.repo, issue=number)]


def see_pull(message: PullRequestObserved, at: Handling) -> list[AssessPull]:
    """Look at the pull request."""
    return [AssessPull(repo=message.repo, pull=message.pull_request.number)]


def see_review(message: ReviewObserved, at: Handling) -> list[AssessPull]:
    """Look at what was reviewed."""
    return [AssessPull(repo=message.repo, pull=message.review.pull_request)]


def see_check(message: CheckObserved, at: Handling) -> list[AssessPull]:
    """Look at the heads it stands on; our own gate's check is an outcome, never an input (I-21)."""
    if message.check.name == GATE_CHECK:
        return []
    return [AssessPull(repo=message.repo, pull=number) for number in message.pull_requests]


def see_push(message: PushObserved, at: Handling) -> list[AssessPull]:
    """Somebody moved a branch: if it is ours, look at its pull request."""
    branch = message.push.ref.removeprefix("refs/heads/")
    pulls = at.session.query(Pull).filter_by(repo_id=message.repo.id, branch=branch, state="open")
    return [AssessPull(repo=message.repo, pull=pull.number) for pull in pulls]


def note_proposals_run(message: ProposalsRequested, at: Handling) -> None:
    """Remember which run and generation was dispatched."""
    _note(message, at, RunKind.PROPOSALS).quota = message.quota


def note_implementation(message: ImplementationRequested, at: Handling) -> Shown:
    """The same, for an issue."""
    row = _note(message, at, RunKind.IMPLEMENTATION)
    row.issue, row.approval, row.round = message.issue, message.approval, 1
    return _show(message)


def note_revision(message: RevisionRequested, at: Handling) -> Shown:
    """The same, for a further round."""
    row = _note(message, at, RunKind.REVISION)
    row.issue, row.approval, row.round = message.issue, message.approval, message.round
    row.head = message.head
    return _show(message)


def note_review(message: ReviewRequested, at: Handling) -> Shown:
    """The same, for a review."""
    row = _note(message, at, RunKind.REVIEW)
    row.issue, row.approval, row.round = message.issue, message.approval, message.round
    row.head, row.base = message.head, message.tip  # a review's run is named by both
    return _show(message)


def note_cancelled(message: RunCancelled, at: Handling) -> Shown:
    """From now on no draft of this generation is carried out."""
    if message.holder is None:
        # Queues keep no order between them: the request may be heard only after this.
        row = at.session.get(Run, message.run) or _new(message, at, UNSEEN)
        row.cancelled = max(row.cancelled, message.generation)
        row.live = row.live and row.generation > message.generation
    return _show(message)


def note_ended(message: RunEnded, at: Handling) -> Shown:
    """The run is over for the scheduler."""
    row = at.session.get(Run, message.run)
    if row is not None and row.generation <= message.generation:
        row.live = False
    if message.issue is not None:
        shown = issue_row(at.session, message.repo.id, message.issue)
        shown.spent_micros += message.usage.money_micros
    return _show(message)


def note_parked(message: IssueParked, at: Handling) -> Shown:
    """Work on the issue rests: people see why, and the words that continue it."""
    row = issue_row(at.session, message.repo.id, message.issue)
    row.rest, row.rest_words, row.rest_until = message.why, message.next, message.until
    return [ShowIssue(repo=message.repo, issue=message.issue)]


def take_proposals(message: IssuesProposed, at: Handling) -> list[OpenIssues]:
    """A draft of proposals: keep it, and see to it."""
    _keep(message, at)
    return [OpenIssues(repo=message.repo, run=message.run, generation=message.generation)]


def take_change(message: ChangeProposed, at: Handling) -> list[PublishChange]:
    """A draft of a change: keep it, and see to it."""
    _keep(message, at)
    return [PublishChange(
        repo=message.repo, run=message.run, generation=message.generation, issue=message.issue
    )]  # fmt: skip


def take_review(message: ReviewProposed, at: Handling) -> list[PostReview]:
    """A draft of a review: keep it, and see to it."""
    _keep(message, at)
    return [PostReview(
        repo=message.repo, run=message.run, generation=message.generation, issue=message.issue
    )]  # fmt: skip


def _note(message: WorkRequest, at: Handling, kind: RunKind) -> Run:
    row = at.session.get(Run, message.run) or _new(message, at, kind.value)
    issue = getattr(message, "issue", None)
    if issue is not None:
        shown = issue_row(at.session, message.repo.id, issue)
        shown.rest, shown.rest_words, shown.rest_until = None, "", None
        shown.runs += message.generation > row.generation
    if message.generation >= row.generation:
        row.kind, row.generation, row.base = kind.value, message.generation, message.base_sha
        row.policy_digest, row.live = message.policy_digest, message.generation > row.cancelled
    return row


def _new(message: WorkRequest | RunCancelled, at: Handling, kind: str) -> Run:
    row = Run(
        id=message.run, repo_id=message.repo.id, kind=kind, issue=None, approval=None,
        generation=0, base="", head=None, round=0, policy_digest="", quota=0, live=False,
        cancelled=0, carried_out=None,
    )  # fmt: skip
    at.session.add(row)
    return row


def _keep(message: IssuesProposed | ChangeProposed | ReviewProposed, at: Handling) -> None:
    at.session.merge(Draft(
        run=message.run, generation=message.generation, topic=message.topic,
        body=message.model_dump_json(), received_at=at.now,
    ))  # fmt: skip


def _show(message: WorkRequest | RunCancelled | RunEnded) -> Shown:
    issue = getattr(message, "issue", None)
    return [ShowIssue(repo=message.repo, issue=issue)] if issue is not None else []


ALL = (
    note_cancelled, note_ended, note_implementation, note_parked, note_proposals_run,
    note_repository, note_review, note_revision, see_check, see_comment, see_issue, see_pull,
    see_push, see_review, take_change, take_proposals, take_review,
)  # fmt: skip

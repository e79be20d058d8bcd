"""Where an issue stands, from what the gatekeeper knows: the facts behind its label and comment."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.gatekeeper.rows import issue_row, latest_approval, latest_pull, live_run, review_of
from services.gatekeeper.tables import Proposal, Pull, Repository
from services.gatekeeper.words.status import Memory
from shared.lifecycle import Blocker, Grant, IssueFacts, PullRequest, RunKind
from shared.messages import Repo
from shared.messages.content import Verdict
from shared.policy import load

PATHS_WORDS = "comment `/approve-paths {head}` on the pull request"
PERSON_WORDS = "approve or dismiss the review that asks for changes"
_STATES = {"merged": PullRequest.MERGED, "closed": PullRequest.CLOSED}


def standing_facts(session: Session, repo: Repo, number: int) -> IssueFacts:
    """The input of the one function that says where an issue stands."""
    row = issue_row(session, repo.id, number)
    approval = latest_approval(session, repo.id, number)
    pull = latest_pull(session, repo.id, number)
    if pull is not None and approval is not None and pull.approval != approval.id:
        pull = None
    run = live_run(session, repo.id, number)
    repository = session.get(Repository, repo.id)
    by_fleet = session.scalar(
        select(func.count()).select_from(Proposal).where(
            Proposal.repo_id == repo.id, Proposal.issue == number
        )
    )  # fmt: skip
    merged = pull is not None and pull.state == "merged"
    ended = approval is not None and approval.ended is not None
    return IssueFacts(
        open=not merged and not row.closed, declined=row.declined,
        by_fleet=bool(by_fleet), proposed=bool(by_fleet),
        approval=Grant.NONE if approval is None else Grant.ENDED if ended else Grant.LIVE,
        approval_ended=(approval.ended or "") if approval is not None else "",
        run=RunKind(run.kind) if run is not None and run.kind in set(RunKind) else None,
        round=pull.round if pull else (1 if run else 0),
        rounds=load(repository.policy).review.rounds if repository and repository.policy else 3,
        changes_wanted=_changes_wanted(session, repo, pull),
        pull_request=_pull_state(pull), pull_request_number=pull.number if pull else None,
        gate_open=bool(pull and pull.inputs and all(i.value == "pass" for i in pull.inputs)),
        blocked_by=_blockers(pull),
        needs_person=row.rest if row.rest and row.rest_until is None else None,
        needs_person_words=row.rest_words,
        parked=row.rest if row.rest and row.rest_until is not None else None,
        parked_until=row.rest_until, parked_words=row.rest_words,
        stopped=repository.stopped if repository is not None else None,
    )  # fmt: skip


def memory_of(session: Session, repo: Repo, number: int) -> Memory:
    """What only the issue's comment keeps."""
    row = issue_row(session, repo.id, number)
    return Memory(
        digest=row.presented, shown_at=row.presented_at, runs=row.runs,
        spent_micros=row.spent_micros, parked_until=row.rest_until, rest=row.rest or "",
        rest_words=row.rest_words if row.rest else "",
    )  # fmt: skip


def _pull_state(pull: Pull | None) -> PullRequest:
    if pull is None:
        return PullRequest.NONE
    if pull.state == "open":
        return PullRequest.TAKEN_OVER if pull.taken_over else PullRequest.OPEN
    return _STATES[pull.state]


def _changes_wanted(session: Session, repo: Repo, pull: Pull | None) -> bool:
    review = review_of(session, repo.id, pull.number) if pull is not None else None
    if pull is None or review is None or review.head != pull.head:
        return False
    return Verdict(review.verdict) is not Verdict.PASS


def _blockers(pull: Pull | None) -> tuple[Blocker, ...]:
    if pull is None:
        return ()
    head = (pull.judged or pull.head).partition(" ")[0]
    words = {"protected": PATHS_WORDS.format(head=head), "people": PERSON_WORDS}
    return tuple(
        Blocker(each.name, each.cause, words.get(each.name, "") if each.value == "fail" else "")
        for each in pull.inputs
        if each.value != "pass"
    )

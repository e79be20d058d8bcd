"""Repositories: their policy, their protection, the kill switch."""

from datetime import datetime, timedelta

from sqlalchemy import select

from services.scheduler.adopting import account
from services.scheduler.dispatching import Dispatched, dispatch
from services.scheduler.ending import cancel_live
from services.scheduler.handlers.pulls import want_review
from services.scheduler.records import LIVE, Wanted, judged, met, want
from services.scheduler.tables import Issue, Repository, Run
from shared.messages.content import RunKind
from shared.messages.gate import FleetResumed, FleetStopped, RepositoryEvaluated
from shared.messages.ids import proposals_run
from shared.messages.observed import RepositoryObserved
from shared.messages.work import RunCancelled, RunEnded
from shared.store import Handling

STOPPED = "stopped: {why}"
LOST = "the gatekeeper's memory was lost, and its draft with it"
ON_ITS_WAY = timedelta(seconds=30)


def learn(message: RepositoryObserved, at: Handling) -> list[Dispatched]:
    """Take over the repository's policy and tip; what was waiting for it may go now."""
    row = met(at, message.repo)
    if _older(message.seen_at, row.observed_at):
        return []
    row.observed_at = message.seen_at or row.observed_at
    if not row.head_sha:
        row.seen_at = at.now
    row.repo = message.repo
    row.default_branch = message.default_branch
    row.head_sha = message.head_sha
    row.policy = message.policy
    row.policy_digest = message.policy_digest
    at.session.flush()
    account(at, row)
    for issue in at.session.query(Issue).filter_by(repo_id=row.id, phase="open"):
        if issue.head is not None and not judged(at.session, issue):
            want_review(at, message.repo, issue)
    return dispatch(at)


def note_protection(message: RepositoryEvaluated, at: Handling) -> list[Dispatched]:
    """The doctor has spoken: on or off. A gatekeeper that remembers only since then has lost what
    it was given before."""
    row = met(at, message.repo)
    if message.remembers_since is not None:
        _lost(at, row, message.remembers_since)
    if not _older(message.at, row.examined_at):
        row.protected, row.examined_at = message.on, message.at or row.examined_at
    if message.stopped is not None and row.stop_at is None:
        row.stopped = message.stopped
    at.session.flush()
    return dispatch(at)


def _older(said: datetime | None, known: datetime | None) -> bool:
    """Whether a newer one was heard before: queues keep no order when something is said again."""
    return said is not None and known is not None and said < known


def _lost(at: Handling, row: Repository, since: datetime) -> None:
    """Drafts that were handed over before, and that nobody has answered, are made once more. A
    little later: one that was still on its way is answered yet."""
    unanswered = select(Run).where(
        Run.repo_id == row.id, Run.state.in_(LIVE), Run.drafted, Run.answered.is_(False),
        Run.finished_at < since,
    )  # fmt: skip
    for run in at.session.scalars(unanswered):
        run.state, run.holder, run.finished, run.drafted = "wanted", None, False, False
        run.not_before, run.held = at.now + ON_ITS_WAY, LOST


def halt(message: FleetStopped, at: Handling) -> list[Dispatched | RunCancelled | RunEnded]:
    """Stop: nothing is dispatched, and what runs is cancelled and stays wanted."""
    row = met(at, message.repo)
    if _older(message.at, row.stop_at):
        return []
    row.stopped, row.stop_at = message.why, message.at or row.stop_at or at.now
    at.session.flush()
    said = cancel_live(at, message.repo, None, STOPPED.format(why=message.why), again=True)
    return [*said, *dispatch(at)]


def restart(message: FleetResumed, at: Handling) -> list[Dispatched]:
    """Go on where it was stopped."""
    row = met(at, message.repo)
    if _older(message.at, row.stop_at):
        return []
    row.stopped, row.stop_at = None, message.at or row.stop_at or at.now
    at.session.flush()
    return dispatch(at)


def propose_first(message: RepositoryObserved, at: Handling) -> list[Dispatched]:
    """Ask for proposals as soon as a repository is known, once: the run has one id for ever.

    Only where the settings say so; otherwise the schedule asks.
    """
    run = proposals_run(message.repo.id, "start")
    if want(at, message.repo.id, Wanted(run, RunKind.PROPOSALS)) is None:
        return []
    return dispatch(at)

"""Repositories: their policy, their protection, the kill switch."""

from services.scheduler.dispatching import Dispatched, dispatch
from services.scheduler.ending import cancel_live
from services.scheduler.handlers.pulls import want_review
from services.scheduler.records import Wanted, judged, met, want
from services.scheduler.tables import Issue
from shared.messages.content import RunKind
from shared.messages.gate import FleetResumed, FleetStopped, RepositoryEvaluated
from shared.messages.ids import proposals_run
from shared.messages.observed import RepositoryObserved
from shared.messages.work import RunCancelled, RunEnded
from shared.store import Handling


def learn(message: RepositoryObserved, at: Handling) -> list[Dispatched]:
    """Take over the repository's policy and tip; what was waiting for it may go now."""
    row = met(at, message.repo)
    if not row.head_sha:
        row.seen_at = at.now
    row.repo = message.repo
    row.default_branch = message.default_branch
    row.head_sha = message.head_sha
    row.policy = message.policy
    row.policy_digest = message.policy_digest
    at.session.flush()
    for issue in at.session.query(Issue).filter_by(repo_id=row.id, phase="open"):
        if issue.head is not None and not judged(at.session, issue):
            want_review(at, message.repo, issue)
    return dispatch(at, message.repo)


def note_protection(message: RepositoryEvaluated, at: Handling) -> list[Dispatched]:
    """The doctor has spoken: on or off."""
    row = met(at, message.repo)
    row.protected = message.on
    at.session.flush()
    return dispatch(at, message.repo)


def halt(message: FleetStopped, at: Handling) -> list[RunCancelled | RunEnded]:
    """Stop: nothing is dispatched, and what runs is cancelled and stays wanted."""
    met(at, message.repo).stopped = message.why
    return cancel_live(at, message.repo, None, f"stopped: {message.why}", again=True)


def restart(message: FleetResumed, at: Handling) -> list[Dispatched]:
    """Go on where it was stopped."""
    met(at, message.repo).stopped = None
    return dispatch(at, message.repo)


def propose_first(message: RepositoryObserved, at: Handling) -> list[Dispatched]:
    """Ask for proposals as soon as a repository is known, once: the run has one id for ever.

    Only where the settings say so; otherwise the schedule asks.
    """
    run = proposals_run(message.repo.id, "start")
    if want(at, message.repo.id, Wanted(run, RunKind.PROPOSALS)) is None:
        return []
    return dispatch(at, message.repo)

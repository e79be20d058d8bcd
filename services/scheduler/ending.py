"""A run is over, or must stop."""

from services.scheduler.records import live_runs, waiting_runs
from services.scheduler.tables import Run
from shared.messages import Repo
from shared.messages.content import RunEnd, RunKind, Usage
from shared.messages.work import RunCancelled, RunEnded
from shared.store import Handling

PUBLISHED = "its draft was published"


def over(run: Run, repo: Repo) -> list[RunEnded]:
    """Say that it ended, once both the agent and, where there is a draft, the gatekeeper spoke."""
    if run.state == "ended" or not run.finished or (run.drafted and not run.answered):
        return []
    run.state = "ended"
    return [_ended(run, repo)]


def posted(run: Run, repo: Repo) -> list[RunCancelled | RunEnded]:
    """Its draft was carried out. Where nobody is known to hold it, it got through after its lease
    was over, or in a life of which nothing is known here: whoever is at it again must stop."""
    if run.state not in ("wanted", "sent"):
        return [*over(run, repo)]
    said: list[RunCancelled | RunEnded] = []
    if run.state == "sent":
        said.append(cancelled(run, repo, PUBLISHED))
    ends = close(run, repo, RunEnd.DONE, PUBLISHED)
    return [*said, *ends] if run.generation else []


def close(run: Run, repo: Repo, end: RunEnd, reason: str) -> list[RunEnded]:
    """End it now, whoever has not spoken yet.

    What a holder reserved stays reserved until it accounts for it: it counts as spent till then.
    """
    if run.state == "ended":
        return []
    if not run.finished:
        _let_go(run)
    run.state, run.end, run.reason = "ended", end.value, reason
    return [_ended(run, repo)]


def charge(run: Run, usage: Usage) -> None:
    """Turn the reservation into spending: what is not known counts whole."""
    run.spent_micros += usage.money_micros if usage.known else run.reserved_micros
    run.reserved_micros = 0
    run.usage = usage


def cancel_live(
    at: Handling, repo: Repo, number: int | None, reason: str, *, again: bool = False
) -> list[RunCancelled | RunEnded]:
    """Cancel the live runs of an issue (None: of the repository); `again`: they stay wanted.

    Without `again` runs that wait for their turn end as well. With it, one whose agent is done is
    left alone: its draft is with the gatekeeper, and there is nobody to be stopped.
    """
    said: list[RunCancelled | RunEnded] = []
    for run in live_runs(at.session, repo.id, number):
        if again and run.finished:
            continue
        if not again:
            said += cancel(run, repo, reason)
            continue
        said.append(cancelled(run, repo, reason))
        _let_go(run)
        run.state, run.holder, run.lease_until = "wanted", None, None
    if not again and number is not None:
        for run in waiting_runs(at.session, repo.id, number):
            said += drop(run, repo, reason)
    at.session.flush()
    return said


def cancel(run: Run, repo: Repo, reason: str) -> list[RunCancelled | RunEnded]:
    """A live run stops, and is over."""
    return [cancelled(run, repo, reason), *close(run, repo, RunEnd.CANCELLED, reason)]


def cancelled(run: Run, repo: Repo, reason: str) -> RunCancelled:
    """Whoever works on this generation must stop."""
    return RunCancelled(
        repo=repo, run=run.id, generation=run.generation, issue=run.issue, reason=reason
    )


def drop(run: Run, repo: Repo, reason: str) -> list[RunEnded]:
    """A run that waits is not wanted any more; said only of one that was dispatched before."""
    said = close(run, repo, RunEnd.CANCELLED, reason)
    return said if run.generation else []


def _let_go(run: Run) -> None:
    """Nobody who took it has spoken of its money yet; where nobody took it, nothing was spent. Who
    took one of an earlier life is not known: then somebody did."""
    if run.holder is None and run.usage is None and run.state != "wanted":
        run.reserved_micros = 0
    elif run.holder is not None:
        run.usage = Usage(known=False)


def _ended(run: Run, repo: Repo) -> RunEnded:
    return RunEnded(
        repo=repo, run=run.id, generation=run.generation, kind=RunKind(run.kind), issue=run.issue,
        end=RunEnd(run.end or RunEnd.DONE), reason=run.reason, usage=run.usage or Usage(),
        carried_out=run.carried_out,
    )  # fmt: skip

"""Runs: the lease, the agent's last word, the gatekeeper's answer."""

from datetime import timedelta

from services.scheduler.adopting import OfRun, adopt_look, taken_up, too_early
from services.scheduler.dispatching import Dispatched, dispatch
from services.scheduler.ending import charge, close, over
from services.scheduler.records import LIVE, issue, policy_of, repository, seen
from services.scheduler.resting import RETRY_WORDS, rest
from services.scheduler.tables import Proposal, Run
from shared.messages import Repo
from shared.messages.content import RunEnd, RunKind
from shared.messages.draft import RunFinished, RunProgressed
from shared.messages.gate import DraftRefused, IssueOpened
from shared.messages.work import IssueParked, RunCancelled, RunEnded
from shared.store import Handling

STALE = "this generation was given to another"
TAKEN = "{holder} holds it already"
NOTHING = "the engine changed nothing: {reason}"
TRIED = "tried {tries} times, at last: {reason}"
REFUSED = "the change was not published: {reason}"
REFUSED_REVIEW = "the review was not posted: {reason}"
REFUSED_WORDS = {
    "protection": "mend what the doctor found, or accept it by name in .gatefleet.yml (accept), then "
    "comment `/gatefleet retry`",
}
"""Of refusals that trying again alone would only repeat."""
AGAIN = frozenset({RunEnd.INTERRUPTED, RunEnd.TIMED_OUT, RunEnd.CANCELLED})
"""Ends after which it is tried again. Nobody here cancelled what is live, so that is one of them."""
TIMED_OUT_TRIES = 2
"""Of one that took too long: it was no accident, and the next try costs as much time and money."""
SUPERSEDED = frozenset({"stale_generation", "carried_out", "stale_head", "approval", "revoked"})
"""Reasons with which something newer has taken the draft's place: nobody needs to act."""


def replay(message: OfRun, at: Handling) -> list[Dispatched | RunCancelled | RunEnded]:
    """What was heard before its run was known, now that it may be."""
    match message:
        case RunProgressed():
            return [*renew(message, at)]
        case RunFinished():
            return [*conclude(message, at)]
        case DraftRefused():
            return [*note_refusal(message, at)]


def renew(message: RunProgressed, at: Handling) -> list[RunCancelled]:
    """The first holder wins and keeps the lease; everybody else is told to stop."""
    run = at.session.get(Run, message.run)
    if run is None and message.kind is RunKind.PROPOSALS:
        run = adopt_look(message, at)
    if run is None and too_early(message, at):
        return []
    if run is not None and run.state == "wanted" and run.generation < message.generation:
        taken_up(at, run, message.generation)
    if run is None or run.generation != message.generation or run.state not in LIVE:
        return [] if _is_final(run, message) else [_stop(message, STALE)]
    if run.holder is not None and run.holder != message.holder:
        return [_stop(message, TAKEN.format(holder=run.holder))]
    if run.finished:
        return []  # its last word was heard before this one, and holds no lease any more
    run.state, run.holder = "held", message.holder
    run.lease_until = at.now + timedelta(seconds=run.lease_s)
    return []


def conclude(message: RunFinished, at: Handling) -> list[Dispatched | RunEnded]:
    """The agent is done. A draft waits for the gatekeeper; anything else decides what is next."""
    run = at.session.get(Run, message.run)
    if run is None and message.kind is RunKind.PROPOSALS:
        run = adopt_look(message, at)
    if run is None and too_early(message, at):
        return []
    if run is not None and run.state == "wanted" and run.generation < message.generation:
        taken_up(at, run, message.generation)
    if run is None or run.generation != message.generation:
        return []
    if run.holder is not None and run.holder != message.holder:
        run.spent_micros += message.usage.money_micros  # told to stop, it had spent this already
        return []
    if run.finished:
        return []
    charge(run, message.usage)
    if run.state == "wanted":
        return []  # it was stopped meanwhile and will be dispatched again
    run.finished, run.drafted, run.holder = True, message.drafted, message.holder
    run.finished_at = at.now
    if run.state == "ended":
        return []
    run.end, run.reason, run.lease_until = message.end.value, message.reason, None
    said: list[Dispatched | RunEnded] = []
    if message.drafted and run.kind != RunKind.PROPOSALS:
        run.state = "held"
        said += over(run, message.repo)
        return [*said, *dispatch(at)]
    run.answered = True
    said += _next_after(at, run, message)
    return [*said, *dispatch(at)]


def note_refusal(message: DraftRefused, at: Handling) -> list[Dispatched | RunEnded]:
    """The gatekeeper did not carry a draft out: say why, and what continues it.

    A run for proposals ends with its agent's word: some of its proposals may stand all the same.
    """
    run = at.session.get(Run, message.run)
    if run is None and too_early(message, at):
        return []
    if run is None or run.generation != message.generation or run.answered:
        return []
    if run.kind == RunKind.PROPOSALS or run.state not in LIVE:
        return []  # a cancelled one was to be refused
    run.answered, run.carried_out = True, False
    reason = "; ".join(each.text for each in message.reasons)
    said: list[Dispatched | RunEnded] = []
    said += close(run, message.repo, RunEnd.DECLINED, reason)
    superseded = {each.name for each in message.reasons} & SUPERSEDED
    if run.issue is not None and not superseded:
        named = (REFUSED_WORDS.get(each.name) for each in message.reasons)
        words = next(filter(None, named), RETRY_WORDS)
        why = REFUSED_REVIEW if run.kind == RunKind.REVIEW else REFUSED
        said += rest(at, message.repo, run.issue, why.format(reason=reason), words=words)
    return [*said, *dispatch(at)]


def note_proposal(message: IssueOpened, at: Handling) -> None:
    """Remember what stands on the forge, so that it is not proposed again."""
    row = at.session.get(Proposal, (message.repo.id, message.proposal))
    if row is None:
        newest = seen(at.session, message.repo.id, message.issue)
        stands = newest is None or newest.state == "open"
        waits = stands and issue(at.session, message.repo, message.issue) is None
        row = Proposal(repo_id=message.repo.id, proposal=message.proposal, open=waits)
        at.session.add(row)
    row.issue, row.content = message.issue, message.content


def _next_after(at: Handling, run: Run, message: RunFinished) -> list[RunEnded | IssueParked]:
    """An end without a draft: again, or a person."""
    known = repository(at.session, message.repo)
    limit = policy_of(known).limits.tries if known else 3
    if message.end in AGAIN:
        run.tries += 1
        if message.end is RunEnd.TIMED_OUT:
            limit = min(limit, TIMED_OUT_TRIES)
        if run.tries < limit:
            run.state, run.finished = "wanted", False
            return []
        why = TRIED.format(tries=run.tries, reason=message.reason)
    elif message.end is RunEnd.NOTHING_TO_CHANGE:
        why = NOTHING.format(reason=message.reason)
    else:
        why = message.reason
    said: list[RunEnded | IssueParked] = []
    until = message.until if message.end is RunEnd.PARKED else None
    if until is None:
        said += close(run, message.repo, message.end, message.reason)
    else:  # it goes on by itself
        run.state, run.finished, run.not_before = "wanted", False, until
    if run.issue is not None:
        said += rest(at, message.repo, run.issue, why, until=until)
    return said


def _is_final(run: Run | None, message: RunProgressed) -> bool:
    """A last progress of a generation that is done: nobody is there to be stopped."""
    return run is not None and run.generation == message.generation and run.finished


def _stop(message: RunProgressed, reason: str) -> RunCancelled:
    return RunCancelled(
        repo=message.repo, run=message.run, generation=message.generation, issue=message.issue,
        reason=reason, holder=message.holder,
    )  # fmt: skip


def give_up_or_again(
    at: Handling, repo: Repo, run: Run, reason: str
) -> list[RunEnded | IssueParked]:
    """A lease ran out: the next generation, or after enough tries a person."""
    known = repository(at.session, repo)
    limit = policy_of(known).limits.tries if known else 3
    run.tries += 1
    if run.tries < limit:
        run.state, run.holder, run.lease_until = "wanted", None, None
        return []
    why = TRIED.format(tries=run.tries, reason=reason)
    said: list[RunEnded | IssueParked] = [*close(run, repo, RunEnd.INTERRUPTED, why)]
    if run.issue is not None:
        said += rest(at, repo, run.issue, why)
    return said

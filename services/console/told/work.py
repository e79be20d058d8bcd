"""What the scheduler asked for and the agents did."""

from services.console.told.line import AGENTS, SCHEDULER, Told, Words, money, used
from shared.messages import Message
from shared.messages import draft as d
from shared.messages import observed as o
from shared.messages import work as w
from shared.messages.content import Cause, RunEnd, RunKind

IMPLEMENT = "asks dev-agent to implement it"
REVISE = "asks dev-agent for round {round}: {cause}"
REVIEW = "asks qa-agent to review {head}"
LOOK = "asks pm-agent what could be better{focus}"
AGAIN = " (again: another try)"
RESERVED = "; up to {money} reserved"
FOCUS = ": {focus}"
CAUSES = {"check": "a check failed", "conflict": "the base moved", "person": "a person asked"}
FINISHED = "is done: {reason} ({used})"
ENDED = "{end}: {reason} ({used})"
GIVEN_UP = "ends {agent}'s run, {end}: {reason}"
PROPOSED, FOUND_NOTHING = "proposes {count} issue(s)", "has nothing to propose"
CANCELLED = "tells the agent to stop: {why}"
PARKED = "rests: {why}"
PARKED_UNTIL = "rests until {until:%Y-%m-%d %H:%M} UTC: {why}"
NEXT = "; {next}"
ANSWERED = "{name}: {answer}"
POLICY_BAD = "the newest .gatefleet.yml cannot be taken, the last good one holds: {errors}"
POLICY_NEW = "the policy is that of {digest}"
_SHA = 12
_QUIET_ENDS = frozenset({RunEnd.CANCELLED, RunEnd.INTERRUPTED, RunEnd.NOTHING_TO_CHANGE})


def words(m: Message, told: Told) -> Words | None:
    """The line for a word of the scheduler or an agent; None when it is none, or no news."""
    if isinstance(m, w.WorkRequest):
        return _request(m, told)
    if isinstance(m, d.RunProgressed):
        is_news = told.is_news(f"run{m.run}", m.line)
        return Words(AGENTS[m.kind], m.line, "quiet") if is_news and m.line else None
    if isinstance(m, d.RunFinished):
        told.is_news(f"end{m.run}", str(m.generation))
        return _finished(m)
    if isinstance(m, w.RunEnded):
        return _ended(m, told)
    if isinstance(m, d.IssuesProposed):
        count = len(m.proposals)
        line = PROPOSED.format(count=count) if count else FOUND_NOTHING
        return Words("pm-agent", line)
    if isinstance(m, w.RunCancelled) and m.holder is None:
        return Words(SCHEDULER, CANCELLED.format(why=m.reason), "quiet")
    if isinstance(m, w.IssueParked):
        text = PARKED if m.until is None else PARKED_UNTIL
        after = NEXT.format(next=m.next) if m.next else ""
        return Words(SCHEDULER, text.format(why=m.why, until=m.until) + after, "bad")
    if isinstance(m, w.EventAnswered):
        return Words(SCHEDULER, ANSWERED.format(name=m.name, answer=m.answer))
    return _policy(m, told) if isinstance(m, o.RepositoryObserved) else None


def _request(m: w.WorkRequest, told: Told) -> Words | None:
    if isinstance(m, w.RevisionRequested):
        line = REVISE.format(round=m.round, cause=_cause(m.cause))
    elif isinstance(m, w.ReviewRequested):
        line = REVIEW.format(head=m.head[:_SHA])
    elif isinstance(m, w.ProposalsRequested):
        line = LOOK.format(focus=FOCUS.format(focus=m.focus) if m.focus else "")
    else:
        line = IMPLEMENT
    if f"asked{m.run}" in told.seen:
        if not told.is_news(f"asked{m.run}", str(m.generation)):
            return None  # the same request, sent once more because nobody had taken it
        line += AGAIN
    told.is_news(f"asked{m.run}", str(m.generation))
    if m.limits.money_micros:
        line += RESERVED.format(money=money(m.limits.money_micros))
    return Words(SCHEDULER, line)


def _cause(cause: Cause) -> str:
    first = cause.findings[0].text if cause.findings else ""
    return first or CAUSES.get(cause.kind.value, cause.kind.value)


def _finished(m: d.RunFinished) -> Words:
    agent, spent = AGENTS[m.kind], used(m.usage)
    if m.end is RunEnd.DONE:
        return Words(agent, FINISHED.format(reason=m.reason, used=spent))
    line = ENDED.format(end=m.end.value.replace("_", " "), reason=m.reason, used=spent)
    quiet = m.end in _QUIET_ENDS or m.kind is RunKind.PROPOSALS
    return Words(agent, line, "quiet" if quiet else "bad")


def _ended(m: w.RunEnded, told: Told) -> Words | None:
    """The agent tells of its own end; only where it did not, the scheduler's word is news."""
    if m.end is RunEnd.DONE or not told.is_news(f"end{m.run}", str(m.generation)):
        return None
    line = GIVEN_UP.format(agent=AGENTS[m.kind], end=m.end.value.replace("_", " "), reason=m.reason)
    return Words(SCHEDULER, line, "quiet" if m.end in _QUIET_ENDS else "bad")


def _policy(m: o.RepositoryObserved, told: Told) -> Words | None:
    errors = "; ".join(m.policy_errors)
    is_first = "policy" not in told.seen
    line = POLICY_BAD.format(errors=errors) if errors else POLICY_NEW.format(
        digest=m.policy_digest[:_SHA]
    )  # fmt: skip
    if not told.is_news("policy", line) or (is_first and not errors):
        return None
    return Words(SCHEDULER, line, "bad" if errors else "quiet")

"""One issue's facts from its records: which approval, pull request, head and run are the present ones.

Pure. What holds for the whole repository (rounds, kill switch, queue) is added by `view.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.console.records import IssueRecord, ProposalRecord, PullRecord, RunRecord
from services.console.registers import Judged, Rested
from shared.lifecycle import Blocker, Grant, IssueFacts, PullRequest, RunKind
from shared.messages.content import GateInput, Verdict

PULL_CLOSED = "its pull request #{number} was closed unmerged by {who}"


@dataclass(frozen=True)
class Parts:
    """The records of one issue."""

    issue: IssueRecord
    pulls: Sequence[PullRecord] = ()
    runs: Sequence[RunRecord] = ()
    proposal: ProposalRecord | None = None

    @property
    def pull(self) -> PullRecord | None:
        """The pull request of the latest approval; without a known approval the newest one."""
        approved = self.issue.approved
        mine = {each.number: each for each in self.pulls}
        if approved is not None:
            number = self.issue.pulls.get(str(approved.approval))
        else:
            number = max(mine, default=None)
        return mine.get(number) if number is not None else None

    @property
    def run(self) -> RunRecord | None:
        """The run that lives; of several the one that was dispatched last."""
        alive = [each for each in self.runs if each.lives]
        return max(alive, key=dispatched, default=None)


def facts_of(parts: Parts) -> IssueFacts:
    """What the one function of `shared/lifecycle` is given."""
    issue, pull, run = parts.issue, parts.pull, parts.run
    grant, ended = _grant(parts)
    rested = rest_of(parts)
    waits = rested is not None and rested.until is None
    head = head_of(pull)
    judged = judged_now(pull)
    return IssueFacts(
        open=issue.seen is None or issue.seen.open,
        by_fleet=issue.opened is not None,
        proposed=issue.opened is not None,
        declined=_declined(issue),
        approval=grant, approval_ended=ended,
        run=RunKind(run.of.value) if run is not None and run.of is not None else None,
        round=_round(parts),
        changes_wanted=pull is not None and _changes_wanted(pull, head),
        pull_request=_state(pull),
        pull_request_number=pull.number if pull is not None else None,
        gate_open=judged is not None and judged.open,
        blocked_by=tuple(_blockers(judged.inputs)) if judged is not None else (),
        needs_person=rested.why if rested is not None and waits else None,
        needs_person_words=rested.next if rested is not None and waits else "",
        parked=rested.why if rested is not None and not waits else None,
        parked_until=rested.until if rested is not None and not waits else None,
        parked_words=rested.next if rested is not None and not waits else "",
    )  # fmt: skip


def head_of(pull: PullRecord | None) -> str | None:
    """The head that counts: the last one that was judged or pushed."""
    if pull is None:
        return None
    pushed = pull.pushed
    last = max(pull.judged.items(), key=lambda each: each[1].stamp, default=None)
    if pushed is None or (last is not None and last[1].said > pushed.said):
        return last[0] if last is not None else None
    return pushed.head


def judged_now(pull: PullRecord | None) -> Judged | None:
    """Gate 2 on that head."""
    head = head_of(pull)
    return pull.judged.get(head) if pull is not None and head is not None else None


def since(parts: Parts, facts: IssueFacts) -> datetime | None:
    """When the fact came about on which it waits now; None: nobody knows."""
    pull, rested = parts.pull, rest_of(parts)
    judged = judged_now(pull)
    if pull is not None and pull.closed is not None:
        return pull.closed.at
    if pull is not None and pull.taken is not None:
        return pull.taken.at
    if facts.run is not None and parts.run is not None and parts.run.requested is not None:
        return parts.run.requested.at
    if rested is not None:
        return rested.at
    if judged is not None and pull is not None:
        return max(judged.at, pull.pushed.at) if pull.pushed else judged.at
    return _asked(parts.issue)


def _asked(issue: IssueRecord) -> datetime | None:
    """When somebody last decided on it, or it was put forward."""
    if issue.approved is not None:
        ended = issue.revoked.get(str(issue.approved.approval))
        return ended.at if ended is not None else issue.approved.at
    if issue.opened is not None:
        return issue.opened.at
    return issue.seen.created_at if issue.seen is not None else None


def _grant(parts: Parts) -> tuple[Grant, str]:
    approved = parts.issue.approved
    if approved is None:
        return Grant.NONE, ""
    ended = parts.issue.revoked.get(str(approved.approval))
    if ended is not None:
        return Grant.ENDED, ended.text
    pull = parts.pull
    if pull is not None and pull.closed is not None and not pull.closed.merged:
        return Grant.ENDED, PULL_CLOSED.format(number=pull.number, who=pull.closed.by)
    return Grant.LIVE, ""


def _declined(issue: IssueRecord) -> str | None:
    """A decline holds while the issue is closed: a reopening ends it."""
    is_closed = issue.seen is not None and not issue.seen.open
    return issue.declined.text if issue.declined is not None and is_closed else None


def rest_of(parts: Parts) -> Rested | None:
    """The rest that holds: no later approval, request or word of a person ended it."""
    rested, approved, woken = parts.issue.rested, parts.issue.approved, parts.issue.woken
    if rested is None:
        return None
    ends = [each.requested.at for each in parts.runs if each.requested is not None]
    ends += [each.at for each in (approved, woken) if each is not None]
    return None if any(at > rested.at for at in ends) else rested


def dispatched(run: RunRecord) -> int:
    """Its latest generation; 0: none was heard of."""
    return run.requested.generation if run.requested is not None else 0


def _round(parts: Parts) -> int:
    begun = [each.requested.round for each in parts.runs if each.requested and _counts(each, parts)]
    pull = parts.pull
    pushed = pull.pushed.round if pull is not None and pull.pushed is not None else 0
    return max([pushed, *begun], default=0)


def _counts(run: RunRecord, parts: Parts) -> bool:
    """Rounds are those of the latest approval."""
    approved = parts.issue.approved
    return approved is None or run.approval in (None, approved.approval)


def _changes_wanted(pull: PullRecord, head: str | None) -> bool:
    """The later word on this head, by QA or by another."""
    words = [
        (each.stamp, each.verdict is not Verdict.PASS)
        for each in pull.reviewed.values()
        if each.head == head
    ]
    if pull.wanted is not None and pull.wanted.head == head:
        words.append((pull.wanted.stamp, pull.wanted.counts))
    return max(words)[1] if words else False


def _state(pull: PullRecord | None) -> PullRequest:
    if pull is None:
        return PullRequest.NONE
    if pull.closed is not None:
        return PullRequest.MERGED if pull.closed.merged else PullRequest.CLOSED
    return PullRequest.OPEN if pull.taken is None else PullRequest.TAKEN_OVER


def _blockers(inputs: Sequence[GateInput]) -> list[Blocker]:
    return [Blocker(each.name, each.cause) for each in inputs if each.value != "pass"]

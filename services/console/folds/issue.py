"""What is said of an issue."""

from services.console.folds.said import Said
from services.console.records import IssueRecord
from services.console.registers import (
    Approved,
    Opened,
    Presented,
    Rested,
    Seen,
    Worded,
    later,
    merged,
    micros,
)
from shared.messages import gate as g
from shared.messages import observed as o
from shared.messages import work as w

WAKING = ("resume", "retry")


def observed(old: IssueRecord, said: Said, m: o.IssueObserved) -> IssueRecord:
    """The forge's own object: the one that changed last."""
    issue = m.issue
    new = Seen(
        stamp=said.stamp(micros(issue.updated_at)), title=issue.title, open=issue.state == "open",
        author=issue.author.login, labels=issue.labels, reason=issue.state_reason,
        created_at=issue.created_at,
    )  # fmt: skip
    return old.after(seen=later(old.seen, new))


def opened(old: IssueRecord, said: Said, m: g.IssueOpened) -> IssueRecord:
    """A proposal of ours."""
    new = Opened(stamp=said.stamp(), text=m.title, at=said.at, proposal=m.proposal)
    return old.after(opened=later(old.opened, new))


def presented(old: IssueRecord, said: Said, m: g.IssuePresented) -> IssueRecord:
    """What an agent would read."""
    new = Presented(
        stamp=said.stamp(), digest=m.digest, characters=m.characters,
        reserve_micros=m.reserve_micros, at=said.at,
    )  # fmt: skip
    return old.after(presented=later(old.presented, new))


def approved(old: IssueRecord, said: Said, m: g.IssueApproved) -> IssueRecord:
    """Of two approvals the one that a person gave later."""
    new = Approved(
        stamp=said.stamp(micros(m.approver.at)), approval=m.approval, by=m.approver.login,
        digest=m.digest, at=m.approver.at, expires_at=m.expires_at,
        reserve_micros=m.reserve_micros, spent_micros=m.so_far.spent_micros if m.so_far else 0,
    )  # fmt: skip
    return _remembered(old, said, m).after(approved=later(old.approved, new))


def _remembered(old: IssueRecord, said: Said, m: g.IssueApproved) -> IssueRecord:
    """What a gatekeeper tells of the past to whoever hears of it late."""
    past = m.so_far
    if past is None:
        return old
    if past.pull_request is not None:
        old = old.after(pulls={**old.pulls, str(m.approval): past.pull_request})
    if not past.rest:
        return old
    new = Rested(
        stamp=said.stamp(), why=past.rest, next=past.rest_words, until=past.rest_until, at=said.at
    )
    return old.after(rested=later(old.rested, new))


def revoked(old: IssueRecord, said: Said, m: g.IssueRevoked) -> IssueRecord:
    """Whether it was heard before its approval or after does not matter: it names it."""
    new = Worded(stamp=said.stamp(), text=m.reason.text, at=said.at)
    return old.after(revoked=merged(old.revoked, str(m.approval), new))


def commanded(old: IssueRecord, said: Said, m: g.CommandAccepted) -> IssueRecord:
    """What a decline and the end of a rest mean; the others are told of by who carries them out."""
    new = Worded(stamp=said.stamp(), text=m.arguments, at=said.at)
    if m.command == "decline":
        return old.after(declined=later(old.declined, new))
    if m.command in WAKING:
        return old.after(woken=later(old.woken, new))
    return old


def pushed(old: IssueRecord, said: Said, m: g.ChangePushed) -> IssueRecord:
    """Its pull request under that approval."""
    return old.after(pulls={**old.pulls, str(m.approval): m.pull_request})


def parked(old: IssueRecord, said: Said, m: w.IssueParked) -> IssueRecord:
    """Work on it rests."""
    new = Rested(stamp=said.stamp(), why=m.why, next=m.next, until=m.until, at=said.at)
    return old.after(rested=later(old.rested, new))

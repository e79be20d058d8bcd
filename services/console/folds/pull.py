"""What is said of a pull request."""

from services.console.folds.said import Said
from services.console.records import PullRecord
from services.console.registers import (
    Closed,
    Judged,
    Pushed,
    Reviewed,
    Seen,
    Wanted,
    Worded,
    later,
    merged,
    micros,
)
from shared.messages import gate as g
from shared.messages import observed as o
from shared.messages.content import CauseKind

MOST_FINDINGS = 20
SOMEBODY = "somebody"


def observed(old: PullRecord, said: Said, m: o.PullRequestObserved) -> PullRecord:
    """The forge's own object: the one that changed last."""
    pull = m.pull_request
    new = Seen(
        stamp=said.stamp(micros(pull.updated_at)), title=pull.title, open=pull.state == "open",
        author=pull.author.login, labels=pull.labels, created_at=pull.created_at,
        draft=pull.draft, merged=pull.merged,
    )  # fmt: skip
    return old.after(seen=later(old.seen, new))


def pushed(old: PullRecord, said: Said, m: g.ChangePushed) -> PullRecord:
    """Of two rounds the later one, whichever was heard first."""
    new = Pushed(
        stamp=said.stamp(m.round), run=m.run, branch=m.branch, head=m.head, base=m.base,
        round=m.round, files=m.files, lines=m.lines, said=said.micros, at=said.at,
    )  # fmt: skip
    return old.after(issue=m.issue, approval=m.approval, pushed=later(old.pushed, new))


def reviewed(old: PullRecord, said: Said, m: g.ReviewPosted) -> PullRecord:
    """One verdict for each run of a review."""
    new = Reviewed(
        stamp=said.stamp(), head=m.head, verdict=m.verdict, tests=m.tests.summary,
        findings=tuple(each.text for each in m.findings[:MOST_FINDINGS]), said=said.micros,
        at=said.at,
    )  # fmt: skip
    return old.after(issue=m.issue, reviewed=merged(old.reviewed, str(m.run), new))


def wanted(old: PullRecord, said: Said, m: g.RevisionWanted) -> PullRecord:
    """Something else asks for a revision."""
    counts = m.cause.kind is not CauseKind.CONFLICT
    new = Wanted(stamp=said.stamp(), head=m.head, counts=counts, said=said.micros)
    return old.after(issue=m.issue, wanted=later(old.wanted, new))


def judged(old: PullRecord, said: Said, m: g.PullRequestEvaluated) -> PullRecord:
    """Gate 2, for each head by itself."""
    new = Judged(stamp=said.stamp(), inputs=m.inputs, open=m.open, said=said.micros, at=said.at)
    return old.after(issue=m.issue, judged=merged(old.judged, m.head, new))


def taken_over(old: PullRecord, said: Said, m: g.PullRequestTakenOver) -> PullRecord:
    """A person's commit is on it."""
    new = Worded(stamp=said.stamp(), text=m.who, at=said.at)
    return old.after(issue=m.issue, taken=later(old.taken, new))


def closed(old: PullRecord, said: Said, m: g.PullRequestClosed) -> PullRecord:
    """Its end; a merge is final, whatever else was said."""
    new = Closed(
        stamp=said.stamp(int(m.merged)), approval=m.approval, merged=m.merged,
        by=m.by.login if m.by else SOMEBODY, sha=m.merge_sha, at=said.at,
    )  # fmt: skip
    return old.after(issue=m.issue, closed=later(old.closed, new))

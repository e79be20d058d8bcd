"""What is said of a run. Generations are ordered by their number, so clocks need not agree."""

from services.console.folds.said import Said
from services.console.records import RunRecord
from services.console.registers import Ended, Progressed, Requested, Used, Worded, later, merged
from shared.messages import draft as d
from shared.messages import gate as g
from shared.messages import work as w
from shared.messages.content import RunKind

KINDS: dict[type[w.WorkRequest], RunKind] = {
    w.ProposalsRequested: RunKind.PROPOSALS,
    w.ImplementationRequested: RunKind.IMPLEMENTATION,
    w.RevisionRequested: RunKind.REVISION,
    w.ReviewRequested: RunKind.REVIEW,
}
_AGENT, _SCHEDULER = 0, 1


def requested(old: RunRecord, said: Said, m: w.WorkRequest) -> RunRecord:
    """A generation was dispatched."""
    new = Requested(
        stamp=said.stamp(m.generation), generation=m.generation, round=getattr(m, "round", 1),
        said=said.micros, at=said.at,
    )  # fmt: skip
    return old.after(
        of=KINDS[type(m)], issue=getattr(m, "issue", None),
        approval=getattr(m, "approval", None), requested=later(old.requested, new),
    )  # fmt: skip


def progressed(old: RunRecord, said: Said, m: d.RunProgressed) -> RunRecord:
    """What the agent does, and has used."""
    new = Progressed(
        stamp=said.stamp(m.generation), generation=m.generation, holder=m.holder, phase=m.phase,
        line=m.line, at=said.at,
    )  # fmt: skip
    used = Used(stamp=said.stamp(_AGENT), usage=m.usage)
    return old.after(
        of=m.kind, issue=m.issue, progressed=later(old.progressed, new),
        used=merged(old.used, str(m.generation), used),
    )  # fmt: skip


def finished(old: RunRecord, said: Said, m: d.RunFinished) -> RunRecord:
    """The agent is done; the run goes on until its draft is answered."""
    end = Ended(
        stamp=said.stamp(m.generation, _AGENT), end=m.end, reason=m.reason, carried_out=False,
        at=said.at,
    )  # fmt: skip
    used = Used(stamp=said.stamp(_SCHEDULER), usage=m.usage)
    return old.after(
        of=m.kind, issue=m.issue, ended=later(old.ended, end),
        over=old.over if m.drafted else max(old.over, m.generation),
        used=merged(old.used, str(m.generation), used),
    )  # fmt: skip


def ended(old: RunRecord, said: Said, m: w.RunEnded) -> RunRecord:
    """It is over for the scheduler."""
    end = Ended(
        stamp=said.stamp(m.generation, _SCHEDULER), end=m.end, reason=m.reason,
        carried_out=m.carried_out, at=said.at,
    )  # fmt: skip
    used = Used(stamp=said.stamp(_SCHEDULER), usage=m.usage)
    return old.after(
        of=m.kind, issue=m.issue, ended=later(old.ended, end),
        over=max(old.over, m.generation), used=merged(old.used, str(m.generation), used),
    )  # fmt: skip


def cancelled(old: RunRecord, said: Said, m: w.RunCancelled) -> RunRecord:
    """Everyone must stop; one holder alone means that another goes on."""
    if m.holder is not None:
        return old
    return old.after(over=max(old.over, m.generation))


def refused(old: RunRecord, said: Said, m: g.DraftRefused) -> RunRecord:
    """Its draft was not carried out."""
    words = "; ".join(each.text for each in m.reasons)
    new = Worded(stamp=said.stamp(m.generation), text=words, at=said.at)
    return old.after(
        of=m.kind, issue=m.issue, over=max(old.over, m.generation),
        refused=later(old.refused, new),
    )  # fmt: skip

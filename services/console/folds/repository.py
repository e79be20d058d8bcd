"""What is said of the repository as a whole, of proposals, and in answer to custom events."""

from services.console.folds.said import Said
from services.console.records import AnswerRecord, ProposalRecord, RepositoryRecord
from services.console.registers import Examined, Proposed, Queue, Ruled, Switched, later, micros
from shared.messages import draft as d
from shared.messages import gate as g
from shared.messages import observed as o
from shared.messages import work as w


def ruled(old: RepositoryRecord, said: Said, m: o.RepositoryObserved) -> RepositoryRecord:
    """The policy that holds, and what is wrong with a newer one."""
    seen_at = getattr(m, "seen_at", None)
    new = Ruled(
        stamp=said.stamp(micros(seen_at or said.at)), name=str(m.repo),
        default_branch=m.default_branch, head=m.head_sha, policy=m.policy, digest=m.policy_digest,
        errors=m.policy_errors,
    )  # fmt: skip
    return old.after(ruled=later(old.ruled, new))


def examined(old: RepositoryRecord, said: Said, m: g.RepositoryEvaluated) -> RepositoryRecord:
    """What the doctor found."""
    new = Examined(stamp=said.stamp(), on=m.on, findings=m.findings)
    return old.after(examined=later(old.examined, new))


def switched(
    old: RepositoryRecord, said: Said, m: g.FleetStopped | g.FleetResumed
) -> RepositoryRecord:
    """The kill switch; of a stop and a resume of one moment the stop counts."""
    at = getattr(m, "at", None) or said.at
    stopped = isinstance(m, g.FleetStopped)
    new = Switched(stamp=said.stamp(micros(at), int(stopped)), stopped=stopped, why=m.why, at=at)
    return old.after(switched=later(old.switched, new))


def queued(old: RepositoryRecord, said: Said, m: w.QueueChanged) -> RepositoryRecord:
    """What waits for an agent."""
    new = Queue(stamp=said.stamp(micros(m.at)), waiting=m.waiting, said=micros(m.at))
    return old.after(queue=later(old.queue, new))


def proposed(old: ProposalRecord, said: Said, m: d.IssuesProposed) -> ProposalRecord:
    """What pm-agent said of it in its last run that found it."""
    found = next(each for each in m.proposals if each.proposal == old.proposal)
    new = Proposed(
        stamp=said.stamp(m.generation), title=found.title, note=found.note, doable=found.doable,
        size=found.size, priority=found.priority, finder=found.finder, run=m.run, at=said.at,
    )  # fmt: skip
    return old.after(said=later(old.said, new))


def written(old: ProposalRecord, said: Said, m: g.IssueOpened) -> ProposalRecord:
    """It became an issue."""
    return old.after(issue=m.issue)


def answered(old: AnswerRecord, said: Said, m: w.EventAnswered) -> AnswerRecord:
    """What came of an event."""
    return old.after(name=m.name, answer=m.answer, run=m.run)

"""The current view of each issue: its records, and what holds for the whole repository. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid5

from services.console.composing import Parts, facts_of, head_of, rest_of, since
from services.console.projecting import project, subjects
from services.console.records import (
    IssueRecord,
    ProposalRecord,
    PullRecord,
    Record,
    RepositoryRecord,
    RunRecord,
)
from services.console.registers import Queue, micros
from services.console.spending import NOTHING, Spent, spent
from shared.errors import BadInput
from shared.lifecycle import IssueFacts, IssueState, Standing, explain
from shared.messages import Message
from shared.messages.content import Waiting
from shared.policy import Policy, load

T = TypeVar("T", bound=Record)
DEFAULT_ROUNDS = 3
_NEVER = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


@dataclass(frozen=True)
class IssueView:
    """What the log says of one issue."""

    number: int
    title: str = ""
    note: str = ""
    """A proposal's word to the person who decides."""
    doable: bool = True
    """Whether an engine that is configured can do it by itself."""
    approved_by: str | None = None
    digest: str | None = None
    approval: UUID | None = None
    pull_request: int | None = None
    review_rounds: int = 0
    head_sha: str | None = None
    merged_sha: str | None = None
    phase: str = ""
    """The last line that an agent said of its work."""
    facts: IssueFacts = field(default_factory=IssueFacts)
    labels: tuple[str, ...] = ()
    since: datetime | None = None
    """When the fact came about on which it waits now."""
    spent: Spent = NOTHING
    rested_at: datetime | None = None
    """Since when it rests, if it does."""
    held: str = ""
    """What holds it in the queue beside its turn, where neither time nor a person's words end it."""

    @property
    def standing(self) -> Standing:
        """Where it stands, why, and the words that continue it."""
        found = explain(self.facts)
        if self.held and found.state in (IssueState.QUEUED, IssueState.IN_REVIEW):
            return replace(found, why=" ".join(self.held.split()))
        return found


def view_of(parts: Parts) -> IssueView:
    """What its own records say, without what holds for the whole repository."""
    issue, pull, run = parts.issue, parts.pull, parts.run
    facts, rested = facts_of(parts), rest_of(parts)
    approved, said = issue.approved, parts.proposal.said if parts.proposal else None
    titles = (issue.seen.title if issue.seen else "", issue.opened.text if issue.opened else "")
    is_said = run is not None and run.progressed is not None
    return IssueView(
        number=issue.number,
        title=next(filter(None, titles), ""),
        note=said.note if said else "",
        doable=said.doable if said else True,
        approved_by=approved.by if approved else None,
        digest=approved.digest if approved else None,
        approval=approved.approval if approved else None,
        pull_request=pull.number if pull else None,
        review_rounds=len(pull.reviewed) if pull else 0,
        head_sha=head_of(pull),
        merged_sha=pull.closed.sha if pull and pull.closed else None,
        phase=run.progressed.line if is_said and run and run.progressed else "",
        facts=facts,
        labels=issue.seen.labels if issue.seen else (),
        since=since(parts, facts),
        rested_at=rested.at if rested else None,
        spent=spent(parts),
    )


def shown(view: IssueView, around: RepositoryRecord) -> IssueView:
    """The view with what holds for all: rounds, the labels' names, the kill switch, the queue."""
    policy = policy_of(around)
    stop = around.switched
    facts = replace(
        view.facts,
        rounds=policy.review.rounds if policy else DEFAULT_ROUNDS,
        stopped=stop.why if stop is not None and stop.stopped else None,
    )
    if policy is not None:
        worn = {label.lower() for label in view.labels}
        facts = replace(facts, proposed=facts.proposed or policy.labels.proposed.lower() in worn)
    return _queued(replace(view, facts=facts), around.queue)


def policy_of(around: RepositoryRecord) -> Policy | None:
    """The policy that holds; None before one was seen, or where it is one of another version."""
    try:
        return load(around.ruled.policy) if around.ruled is not None else None
    except BadInput:
        return None


def _queued(view: IssueView, queue: Queue | None) -> IssueView:
    """Its place, and what holds it there: of a rest and the queue the later word counts."""
    mine = [each for each in queue.waiting if each.issue == view.number] if queue else []
    if queue is None or not mine:
        return view
    first: Waiting = min(mine, key=lambda each: each.place)
    facts = replace(view.facts, queue_position=first.place)
    if view.rested_at is not None and micros(view.rested_at) > queue.said:
        return replace(view, facts=facts)
    rests = first.until is not None or bool(first.why and first.next)
    facts = replace(
        facts, needs_person=None, needs_person_words="",
        parked=first.why if rests else None, parked_until=first.until if rests else None,
        parked_words=first.next if rests else "",
    )  # fmt: skip
    return replace(view, facts=facts, held=first.why)


class Views:
    """All issues of one repository in memory, folded from messages in any order."""

    def __init__(self, issues: dict[int, IssueView] | None = None) -> None:
        self.issues: dict[int, IssueView] = dict(issues or {})
        self.stopped: str | None = None
        self._records: dict[tuple[type[Record], str], Record] = {}
        self._of: dict[int, dict[tuple[type[Record], str], None]] = {}
        self._around = RepositoryRecord(id="")
        self._taken = 0

    def take(
        self, message: Message, at: datetime | None = None, identity: UUID | None = None
    ) -> None:
        """Fold one message in. Left out: as if it had been said later than all before it."""
        self._taken += 1
        when = at or _NEVER + timedelta(microseconds=self._taken)
        project(self, message, when, identity or uuid5(UUID(int=0), str(self._taken)))
        self._around = self.get(RepositoryRecord, message.repo.id) or self._around
        stop = self._around.switched
        self.stopped = stop.why if stop is not None and stop.stopped else None
        for number in self._touched(message):
            self.issues[number] = view_of(self._parts(number))

    def shown(self, number: int) -> IssueView:
        """One issue with what holds for all."""
        return shown(self.issues[number], self._around)

    def get(self, kind: type[T], key: str) -> T | None:
        """A record by its subject."""
        found = self._records.get((kind, key))
        return found if isinstance(found, kind) else None

    def put(self, key: str, record: Record) -> None:
        """Keep a record."""
        self._records[type(record), key] = record
        issue = getattr(record, "issue", None)
        if issue is not None:
            self._of.setdefault(issue, {})[type(record), key] = None

    def _touched(self, message: Message) -> Iterator[int]:
        for kind, key in subjects(message):
            record = self.get(kind, key)
            if isinstance(record, IssueRecord):
                yield record.number
            elif isinstance(record, PullRecord | RunRecord | ProposalRecord):
                number = record.issue
                if number is not None and self.get(IssueRecord, str(number)) is not None:
                    yield number

    def _parts(self, number: int) -> Parts:
        issue = self.get(IssueRecord, str(number)) or IssueRecord.empty(str(number))
        proposal = str(issue.opened.proposal) if issue.opened is not None else ""
        mine = [self._records[place] for place in self._of.get(number, {})]
        return Parts(
            issue,
            tuple(each for each in mine if isinstance(each, PullRecord)),
            tuple(each for each in mine if isinstance(each, RunRecord)),
            self.get(ProposalRecord, proposal),
        )

"""What the console answers, as JSON: the models behind docs/openapi.json."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, JsonValue

from shared.lifecycle import IssueState
from shared.messages.content import DoctorFinding, GateInput, RunEnd, RunKind, Verdict, Waiting

Group = Literal["you", "runs", "queue", "rests", "done", "untouched"]
Ask = Literal["approve", "merge", "mend", "resume"]
PullState = Literal["open", "merged", "closed", "taken_over"]
Tone = Literal["step", "good", "bad", "ask", "quiet"]


class Shape(BaseModel):
    """Common to all answers. Fields are only ever added."""

    model_config = ConfigDict(frozen=True)


class Problem(Shape):
    """What is wrong: with what, in one line, and what to do next."""

    subject: str
    problem: str
    mend: str


class Health(Shape):
    """Whether the console answers and, for `/readyz`, hears and knows a repository's log."""

    ok: bool


class Spending(Shape):
    """Agents' time and money. Money in millionths of a US dollar."""

    runs: int
    seconds: float
    money_micros: int
    tokens: int
    known: bool
    """False: of some run nobody could tell, so it is more than this."""


class IssueLine(Shape):
    """One issue: where it stands, why, and the words that continue it."""

    number: int
    title: str
    group: Group
    """Who or what it waits for: you, an agent that runs, its turn, a time or a check, nothing more
    (done); or nobody put it forward (untouched)."""
    state: IssueState
    state_in_words: str
    why: str
    next: str
    """The exact words that continue it, or what is waited for."""
    waits_for_person: bool
    since: datetime | None
    """When the fact came about on which it waits now."""
    place: int | None
    """In the queue; 1 is next."""
    pull_request: int | None
    round: int
    rounds: int
    spent: Spending
    doing: str
    """The last line that an agent said, while one is at it."""
    approved_by: str | None
    labels: tuple[str, ...]
    note: str
    """A proposal's word to the person who decides."""
    doable: bool


class InboxItem(Shape):
    """One thing that waits for a person."""

    issue: int | None
    """None: it is about the repository."""
    title: str
    ask: Ask
    why: str
    next: str
    """The exact words that continue it."""
    since: datetime | None
    pull_request: int | None
    note: str


class Inbox(Shape):
    """All that waits for a person, oldest first."""

    repository: str | None
    as_of: datetime | None
    """When the last message was said that this rests on."""
    items: tuple[InboxItem, ...]


class Look(Shape):
    """pm-agent's last look at the repository."""

    runs: bool
    at: datetime | None
    line: str
    """What it does, or how it ended."""
    end: RunEnd | None


class Budget(Shape):
    """What may be spent, in millionths of a US dollar; all zero: nothing."""

    run_micros: int
    issue_micros: int
    day_micros: int


class RepositoryAnswer(Shape):
    """The repository: policy, doctor, kill switch, queue."""

    repository: str
    id: str
    default_branch: str | None
    head: str | None
    policy_digest: str | None
    policy_errors: tuple[str, ...]
    """Of a newer policy file that could not be taken; the last good one holds."""
    budget: Budget | None
    triggers: Mapping[str, JsonValue] | None = None
    """What the policy says of custom events, by `custom.NAME`; None: no policy was heard of yet."""
    on: bool | None
    """Whether the doctor lets the fleet work; None: it has not said so yet."""
    findings: tuple[DoctorFinding, ...]
    stopped: str | None
    """Who stopped the fleet and why, if somebody did."""
    queue: tuple[Waiting, ...]
    look: Look | None


class Status(Shape):
    """Everything at one glance."""

    repository: RepositoryAnswer | None
    """None: nothing was heard yet."""
    as_of: datetime | None
    seq: int
    """The place in the log that this rests on: `/api/changes` goes on from there."""
    waiting: int
    """How many things wait for a person."""
    issues: tuple[IssueLine, ...]


class Approval(Shape):
    """The latest approval."""

    approval: UUID
    by: str
    at: datetime
    expires_at: datetime
    digest: str


class PullLine(Shape):
    """One pull request of an issue."""

    number: int
    title: str
    state: PullState
    head: str | None
    branch: str | None
    round: int
    files: int
    lines: int
    gate_open: bool
    inputs: tuple[GateInput, ...]
    """Gate 2's table on that head."""
    verdict: Verdict | None
    """Of the latest review of that head."""
    tests: str
    findings: tuple[str, ...]
    merged_sha: str | None


class RunLine(Shape):
    """One run of an agent."""

    run: UUID
    kind: RunKind | None
    lives: bool
    generation: int
    holder: str
    started_at: datetime | None
    line: str
    end: RunEnd | None
    reason: str
    carried_out: bool
    refused: str
    spent: Spending


class IssueAnswer(Shape):
    """One issue with its approval, pull requests and runs."""

    repository: str
    as_of: datetime | None
    asked: int
    """The number that was asked for: an issue's, or that of its pull request."""
    issue: IssueLine
    approval: Approval | None
    pull_requests: tuple[PullLine, ...]
    runs: tuple[RunLine, ...]


class LogLine(Shape):
    """One line of a story."""

    seq: int
    at: datetime
    who: str
    what: str
    tone: Tone
    issue: int | None
    source: str = ""
    """The comment or event on the forge that this answers: `comment:7`."""


class Log(Shape):
    """The story of one issue, as people would tell it."""

    repository: str
    asked: int
    issue: int
    title: str
    seq: int
    """The place in the log that this rests on."""
    lines: tuple[LogLine, ...]


class ProposalLine(Shape):
    """One proposal, whether or not it became an issue."""

    proposal: UUID
    title: str
    note: str
    doable: bool
    size: str
    priority: str
    finder: str
    issue: int | None
    at: datetime


class Proposals(Shape):
    """All proposals, those that changed last first."""

    repository: str
    proposals: tuple[ProposalLine, ...]


class Change(Shape):
    """One event of `/api/changes`: a message was heard."""

    seq: int
    at: datetime
    topic: str
    number: int | None
    """The issue or pull request whose story it belongs to."""
    line: LogLine | None
    """How people would tell it; None for what they need not see."""


class EventTaken(Shape):
    """A custom event was taken and will be said."""

    event: UUID
    topic: str


class EventAnswer(Shape):
    """What came of a custom event."""

    event: UUID
    answered: bool
    answer: str
    run: RunLine | None
    proposals: tuple[ProposalLine, ...]
    """What pm-agent proposed in that run, once it is over."""

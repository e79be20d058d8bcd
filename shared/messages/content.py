"""Values that travel inside gate, work and draft messages: snapshots, proposals, findings, usage."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.messages.base import Value


class SnapshotComment(Value):
    """A comment that is part of what the agent reads, sanitised."""

    id: int
    author_id: int
    author: str
    body: str


class Snapshot(Value):
    """The text an agent reads, frozen when it was approved: sanitised title, body, comments."""

    title: str
    body: str
    comments: tuple[SnapshotComment, ...] = ()
    digest: str
    """D: 64 hex digits over repository, issue and this text."""
    raw_digest: str
    """The same over the text before it was sanitised."""
    sanitiser: int
    """Version of the sanitiser that made it."""
    removed: tuple[str, ...] = ()
    """What was taken out, in words with counts: `3 HTML comments`."""


class Brief(Value):
    """What the visible `gatefleet` block of an issue says is in scope. Everything optional."""

    paths: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """Linter rules that must no longer be reported in `paths`."""
    tests: tuple[str, ...] = ()
    """Test ids that fail on the base and must pass on the change."""
    criteria: tuple[str, ...] = ()


class Proposal(Value):
    """One issue that an agent proposes."""

    proposal: UUID
    """Fingerprint of repository, tool, rule and paths: the same finding has the same id for ever."""
    content: str
    """Digest of the evidence: it changes when the finding changed."""
    title: str
    why: str
    criteria: tuple[str, ...]
    evidence: str
    """What the tool printed, trimmed; data, shown in a fence."""
    size: Literal["small", "medium", "large"]
    priority: Literal["high", "medium", "low"]
    finder: str
    paths: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    note: str = ""
    """One more line for the person who decides."""
    doable: bool = True
    """False: no configured engine can do this by itself; `note` says so."""


class KnownProposal(Value):
    """A proposal that was already written to the forge, so that it is not proposed again."""

    proposal: UUID
    issue: int
    content: str
    open: bool
    merged: bool = False
    """True: its change was merged and the default branch has moved since, so what is found again is
    new. False where it is closed: people declined it, or nobody can tell."""


class Verdict(StrEnum):
    """What does a review say of a change?"""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    CHANGES = "changes"
    FAIL = "fail"


class Finding(Value):
    """One thing a review found, on a line of the diff or (path empty) on the whole."""

    path: str = ""
    line: int | None = None
    severity: Literal["error", "warning", "note"] = "error"
    source: str
    """Which check found it: `tests`, `lint`, `criteria`, `size`, `scope`, `protected`, `person` …"""
    text: str


class TestsReport(Value):
    """A supervised run of the policy's test command on the merge of head and tip, beside the base."""

    __test__ = False

    ran: bool
    """False: the policy has no tests, or they could not be run; `summary` says why."""
    ok: bool
    """Nothing that passed on the base fails now, and what the issue names passes."""
    passed: int = 0
    failed: int = 0
    newly_failing: tuple[str, ...] = ()
    newly_passing: tuple[str, ...] = ()
    still_failing: tuple[str, ...] = ()
    seconds: float = 0.0
    summary: str = ""


class Usage(Value):
    """What a run has used so far. Money in millionths of a US dollar."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    money_micros: int = 0
    seconds: float = 0.0
    known: bool = True
    """False: nobody could tell; the scheduler charges the whole reservation."""


class RunEnd(StrEnum):
    """How did an agent's part of a run end?"""

    DONE = "done"
    NOTHING_TO_CHANGE = "nothing_to_change"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    PARKED = "parked"
    OUT_OF_BUDGET = "out_of_budget"
    TIMED_OUT = "timed_out"


class RunKind(StrEnum):
    """Which kind of work is a run?"""

    PROPOSALS = "proposals"
    IMPLEMENTATION = "implementation"
    REVISION = "revision"
    REVIEW = "review"


class Waiting(Value):
    """One run that waits for an agent: its place, and what holds it."""

    issue: int | None = None
    kind: RunKind
    place: int
    """1 is the next one."""
    why: str = ""
    """The cap or rest that holds it, in one line; empty: it waits for its turn only."""
    next: str = ""
    """The words that continue it; empty where nothing but time or its turn does."""
    until: datetime | None = None
    """When it goes on by itself; None: not by time."""


class RunLimits(Value):
    """What a run may use."""

    timeout_s: float
    bundle_bytes: int
    money_micros: int = 0


class Reason(Value):
    """Why something was refused: a stable name for agents and one line for people."""

    name: str
    text: str


class GateInput(Value):
    """One row of gate 2's table. Open only if every value is `pass`."""

    name: str
    value: Literal["pass", "fail", "unknown"]
    cause: str = Field(description="one line for people")


class DoctorFinding(Value):
    """One thing the doctor found about a repository's protection."""

    id: str
    text: str
    accepted: bool = False


class CauseKind(StrEnum):
    """What asks for a revision?"""

    REVIEW = "review"
    CHECK = "check"
    CONFLICT = "conflict"
    PERSON = "person"


class Cause(Value):
    """What a revision must mend, as data for the engine."""

    kind: CauseKind
    id: str
    """Id of the review, check or tip that asks; names the run."""
    actor: str = ""
    findings: tuple[Finding, ...] = ()
    log: str = ""
    """At most 64 KiB."""


class KnownRun(Value):
    """A run under an approval, as the gatekeeper knows it."""

    run: UUID
    kind: RunKind
    generation: int
    """The last one; it is its time of dispatch in milliseconds too."""
    round: int = 0
    head: str | None = None
    tip: str | None = None
    """Of a review: what its head was to be judged on."""
    live: bool = False
    """It was dispatched and has not ended, as far as is known: an agent may hold it."""
    carried_out: bool = False


class SoFar(Value):
    """What is known of the work under an approval: for whoever hears of it late, or again."""

    runs: int = 0
    spent_micros: int = 0
    """Of all its runs; what is not known counts as spent."""
    pull_request: int | None = None
    """Its open pull request: no implementation is wanted."""
    taken_over: bool = False
    """A person took that over."""
    rest: str = ""
    """Why work on it rests; empty: it does not."""
    rest_words: str = ""
    rest_until: datetime | None = None
    """When it goes on by itself; None: not by time."""
    known: tuple[KnownRun, ...] = ()
    """Its runs: what lives is not dispatched beside itself, what was carried out never again."""


class Approver(Value):
    """Who approved, with which role, when."""

    id: int
    login: str
    role: str
    at: datetime
    source: str
    """`label:<event id>` or `comment:<id>`."""

"""May this draft be carried out at all? The run, its generation, and whether one already was."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.gatekeeper import ledger
from services.gatekeeper.tables import UNSEEN, Draft, Repository, Run
from shared.errors import TryLater
from shared.messages import Repo, read
from shared.messages.content import Reason, RunKind
from shared.messages.draft import ChangeProposed, IssuesProposed, ReviewProposed
from shared.messages.gate import DraftRefused
from shared.store import Handling

UNKNOWN = "nobody dispatched this run in this generation, as far as is known here"
STALE = "generation {generation} is below {newest}, which was dispatched since"
DONE = "a draft of this run was carried out already"
CANCELLED = "the run was cancelled"
NOT_ASKED = "the draft is not what its run was asked for: another {what}"
UNEXAMINED = "the protection of the repository has not been looked at yet"
UNPROTECTED = "the fleet stays off here: {why}"


Drafts: TypeAlias = IssuesProposed | ChangeProposed | ReviewProposed
_KINDS: dict[type[Drafts], frozenset[str]] = {
    IssuesProposed: frozenset({RunKind.PROPOSALS}),
    ChangeProposed: frozenset({RunKind.IMPLEMENTATION, RunKind.REVISION}),
    ReviewProposed: frozenset({RunKind.REVIEW}),
}


@dataclass(frozen=True)
class Admitted:
    """A draft that may be looked at, with the run that it answers."""

    draft: Drafts
    run: Run


@dataclass(frozen=True)
class Draftee:
    """Which draft: of which run and generation."""

    repo: Repo
    run: UUID
    generation: int
    kind: RunKind
    issue: int | None


def admit(session: Session, of: Draftee, *, now: datetime, wait: timedelta) -> Admitted | Reason:
    """The draft, or why it is refused. TryLater while an unknown run may still become known."""
    row = session.get_one(Draft, (of.run, of.generation))
    run = session.get(Run, of.run)
    if run is None or run.kind == UNSEEN or run.generation < of.generation:
        if now - row.received_at < wait:
            raise TryLater(f"{of.repo}: run {of.run}: {UNKNOWN}")
        return Reason(name="unknown_run", text=UNKNOWN)
    fenced = fence(run, of.generation)
    if fenced is not None:
        return fenced
    draft = read(row.topic, row.body.encode())
    assert isinstance(draft, IssuesProposed | ChangeProposed | ReviewProposed)
    if (what := _unasked(draft, run)) is not None:
        return Reason(name="not_asked", text=NOT_ASKED.format(what=what))
    off = _off(session, of.repo)
    return off if off is not None else Admitted(draft, run)


def fence(run: Run, generation: int) -> Reason | None:
    """Why a draft of this generation is not carried out (any more); None if it may be (I-13)."""
    if generation < run.generation:
        text = STALE.format(generation=generation, newest=run.generation)
        return Reason(name="stale_generation", text=text)
    if run.carried_out is not None:
        return Reason(name="carried_out", text=DONE)
    if generation <= run.cancelled:
        return Reason(name="stale_generation", text=CANCELLED)
    return None


def _unasked(draft: Drafts, run: Run) -> str | None:
    """The first thing in which a draft differs from what its run was dispatched for (I-18)."""
    kinds = _KINDS[type(draft)]
    pairs: list[tuple[str, object, object]] = [("repository", draft.repo.id, run.repo_id)]
    if isinstance(draft, ChangeProposed | ReviewProposed):
        pairs.append(("issue", draft.issue, run.issue))
    if isinstance(draft, ChangeProposed):
        pairs.append(("approval", draft.approval, run.approval))
    if isinstance(draft, ReviewProposed):
        pairs += [
            ("head", draft.head, run.head), ("tip", draft.tip, run.base),
            ("policy", draft.policy_digest, run.policy_digest),
        ]  # fmt: skip
    if run.kind not in kinds:
        return "kind of work"
    return next((what for what, given, asked in pairs if given != asked), None)


def _off(session: Session, repo: Repo) -> Reason | None:
    """I-15: no draft is carried out where the doctor does not let the fleet work."""
    row = session.get(Repository, repo.id)
    if row is None or row.protected is None:
        raise TryLater(f"{repo}: {UNEXAMINED}")
    if row.protected:
        return None
    why = "; ".join(each.text for each in row.findings if not each.accepted)
    return Reason(name="protection", text=UNPROTECTED.format(why=why))


def refuse(at: Handling, of: Draftee, reasons: tuple[Reason, ...]) -> list[DraftRefused]:
    """Record and say why a draft is not carried out; its bytes are let go."""
    drop(at.session, of)
    run = at.session.get(Run, of.run)
    if run is not None and run.generation == of.generation:
        run.live = False  # a run ends with the answer to its draft
    kind = RunKind(run.kind) if run is not None and run.kind != UNSEEN else of.kind
    ledger.write(
        at.session, "refuse",
        {"run": str(of.run), "generation": of.generation,
         "reasons": [each.model_dump() for each in reasons]},
        repo_id=of.repo.id, issue=of.issue, at=at.now,
    )  # fmt: skip
    return [DraftRefused(
        repo=of.repo, run=of.run, generation=of.generation, kind=kind, issue=of.issue,
        reasons=reasons,
    )]  # fmt: skip


def carried_out(at: Handling, of: Draftee) -> None:
    """Remember that this draft was carried out: no other of its run will be."""
    run = at.session.get_one(Run, of.run)
    run.carried_out, run.live = of.generation, False
    drop(at.session, of)


def drop(session: Session, of: Draftee) -> None:
    """Let the draft's bytes go."""
    session.execute(delete(Draft).where(Draft.run == of.run, Draft.generation == of.generation))

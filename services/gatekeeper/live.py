"""Reads everything that a decision rests on, live from the forge, and from the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.gatekeeper import ledger
from services.gatekeeper.approving import who_matters
from services.gatekeeper.desk import Desk, PolicyAt
from services.gatekeeper.facts import (
    ApprovalPolicy,
    History,
    IssueFacts,
    Presented,
    Record,
    approval_policy,
)
from services.gatekeeper.roles import Unreadable
from services.gatekeeper.tables import Issue, Proposal, Pull
from shared.errors import GatefleetError
from shared.forge.facts import Unreadable as ForgeUnreadable
from shared.messages.objects import Actor


@dataclass(frozen=True)
class Remembered:
    """What the stores know of an issue."""

    record: Record | None
    ended: frozenset[str]
    drafts: frozenset[str]
    presented: Presented | None
    own_closers: frozenset[str]


async def issue_facts(desk: Desk, number: int, policy: PolicyAt | None = None) -> IssueFacts | None:
    """Everything that gate 1 looks at; None when the issue is gone. GatefleetError: try again."""
    issue = await desk.forge.issue(number)
    if issue is None:
        return None
    remembered = await desk.store.run(lambda session: remember(session, desk.repo.id, number))
    facts = IssueFacts(
        repo=desk.repo, issue=issue, history=await _history(desk, number), roles={},
        fleet=await desk.fleet(), now=desk.clock.now(),
        policy=approval_policy(policy.policy) if policy else ApprovalPolicy(),
        drafts=remembered.drafts, presented=remembered.presented, record=remembered.record,
        ended=remembered.ended, own_closers=remembered.own_closers,
    )  # fmt: skip
    return replace(facts, roles=await desk.roles(_actors(facts, who_matters(facts))))


def remember(session: Session, repo_id: str, number: int) -> Remembered:
    """What the gatekeeper's own tables know of an issue."""
    row = session.get(Issue, (repo_id, number))
    shown = None
    if row is not None and row.presented and row.presented_at:
        shown = Presented(row.presented, row.presented_at)
    drafts = session.scalars(
        select(Proposal.text_digest).where(Proposal.repo_id == repo_id, Proposal.issue == number)
    )
    pulls = session.scalars(select(Pull).where(Pull.repo_id == repo_id, Pull.issue == number))
    closers = {name for pull in pulls for name in (str(pull.number), f"#{pull.number}", pull.head)}
    return Remembered(
        record=ledger.live(session, repo_id, number),
        ended=ledger.ended_sources(session, repo_id, number),
        drafts=frozenset(drafts), presented=shown, own_closers=frozenset(closers),
    )  # fmt: skip


def known_actors(facts: IssueFacts) -> dict[int, Actor]:
    """Every account that appears on the issue."""
    people: list[Actor | None] = [facts.issue.author]
    if isinstance(facts.history, History):
        people += [comment.author for comment in facts.history.comments]
        people += [event.actor for event in facts.history.timeline]
        people += [edit.editor for edit in facts.history.edits]
    found = {person.id: person for person in people if person is not None}
    if facts.record is not None and facts.record.approver.id not in found:
        who = facts.record.approver
        found[who.id] = Actor(id=who.id, login=who.login, kind="User")
    return found


def _actors(facts: IssueFacts, ids: Iterable[int]) -> list[Actor]:
    known = known_actors(facts)
    return [known[each] for each in ids if each in known]


async def _history(desk: Desk, number: int) -> History | Unreadable:
    try:
        edits = await desk.forge.edits(number)
        if isinstance(edits, ForgeUnreadable):
            return Unreadable(edits.cause)
        return History(
            comments=await desk.forge.comments(number),
            timeline=await desk.forge.timeline(number),
            edits=edits,
        )
    except GatefleetError as error:
        return Unreadable(str(error))


def record_of(session: Session, repo_id: str, number: int, approval: UUID) -> Record | None:
    """The live record, only if it is this approval."""
    record = ledger.live(session, repo_id, number)
    return record if record is not None and record.approval == approval else None

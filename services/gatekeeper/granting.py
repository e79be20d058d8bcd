"""What on an issue asks for an approval, what takes one back, and which of the two won."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.gatekeeper.facts import History, IssueFacts
from services.gatekeeper.roles import is_machine
from shared.messages.content import Reason
from shared.messages.objects import Actor, Comment, TimelineEvent
from shared.snapshot import Approve, Unapprove, parse

# Events after which an approval given before them is over, whoever caused them.
ENDING = frozenset({"closed", "locked", "transferred", "converted_to_discussion", "deleted"})

MACHINE = "{who} is not a person acting for themselves; a person with a role that may must approve"
EDITED = "the comment of {who} was edited, and an edited comment never approves; write a new one"
ENDED = "that approval has ended already; approve again"
EXPIRED = "that approval is older than {days} days; approve again"
FORM = "`{label}` came with the issue itself and approves nothing; set it again after reading"
NO_EVENT = (
    "nobody set `{label}` here (a rename, transfer or import did); set it again after reading"
)
UNAPPROVED = "{who} wrote /unapprove; approve again if that was a mistake"
UNLABELED = "`{label}` was removed; set it again or comment /approve"
OVER = "the issue was {event} after it was approved; approve again"


@dataclass(frozen=True)
class Grant:
    """Somebody asks for an approval, by label or by comment."""

    kind: Literal["label", "comment"]
    source: str
    actor: Actor
    at: datetime
    digest: str | None = None
    comment: int | None = None


@dataclass(frozen=True)
class Void:
    """A label or comment that approves nothing, and why."""

    kind: Literal["label", "comment"]
    reason: Reason


def has_label(facts: IssueFacts) -> bool:
    """Does the issue carry the label that approves? Forges fold the case of labels."""
    return any(_approves(label, facts) for label in facts.issue.labels)


def asked(facts: IssueFacts, history: History) -> tuple[list[Grant], list[Void]]:
    """Grants that nothing took back, oldest first, and those that are void before any role is read."""
    grants: list[Grant] = []
    voids: list[Void] = []
    for grant, reason in [*_labels(facts, history), *_comments(facts, history)]:
        why = reason or _over(grant, facts, history)
        if why is None:
            grants.append(grant)
        else:
            voids.append(Void(grant.kind, why))
    kinds = {grant.kind for grant in grants} | {void.kind for void in voids}
    if has_label(facts) and "label" not in kinds:
        label = facts.policy.approved_label
        voids.append(Void("label", Reason(name="no_event", text=NO_EVENT.format(label=label))))
    return sorted(grants, key=lambda grant: (grant.at, grant.source)), voids


def taken_back(facts: IssueFacts, history: History, *, kind: str, since: datetime) -> Reason | None:
    """What revoked an approval given at `since`; with equal times the revocation wins."""
    for comment in history.comments:
        late = max(comment.created_at, comment.updated_at) >= since
        if late and not comment.deleted and isinstance(parse(comment.body), Unapprove):
            who = comment.author.login
            return Reason(name="unapproved", text=UNAPPROVED.format(who=who))
    for event in history.timeline:
        if event.at < since:
            continue
        if event.event in ENDING and event.closed_by not in facts.own_closers:
            return Reason(name=event.event, text=OVER.format(event=event.event))
        if kind == "label" and event.event == "unlabeled" and _approves(event.label, facts):
            label = facts.policy.approved_label
            return Reason(name="unlabeled", text=UNLABELED.format(label=label))
    return None


def untouched(comment: Comment, history: History) -> bool:
    """Was this comment never edited, as far as its times and its edits tell?"""
    edited = any(edit.comment == comment.id for edit in history.edits)
    return comment.updated_at == comment.created_at and not edited


def _labels(facts: IssueFacts, history: History) -> list[tuple[Grant, Reason | None]]:
    if not has_label(facts):
        return []
    return [
        (
            Grant("label", f"label:{event.id}", event.actor, event.at),
            _label_void(event, event.actor, facts),
        )
        for event in history.timeline
        if event.event == "labeled" and _approves(event.label, facts) and event.actor is not None
    ]


def _label_void(event: TimelineEvent, actor: Actor, facts: IssueFacts) -> Reason | None:
    if is_machine(actor, event.app_id, facts.fleet):
        return Reason(name="machine", text=MACHINE.format(who=actor.login))
    # A form or template sets labels in the name of whoever opens the issue, at that moment.
    if actor.id == facts.issue.author.id and event.at <= facts.issue.created_at:
        return Reason(name="form", text=FORM.format(label=facts.policy.approved_label))
    return None


def _comments(facts: IssueFacts, history: History) -> list[tuple[Grant, Reason | None]]:
    found: list[tuple[Grant, Reason | None]] = []
    for comment in history.comments:
        command = parse(comment.body)
        if comment.deleted or not isinstance(command, Approve):
            continue
        who, at = comment.author, comment.created_at
        grant = Grant("comment", f"comment:{comment.id}", who, at, command.digest, comment.id)
        reason = None
        if is_machine(who, comment.app_id, facts.fleet):
            reason = Reason(name="machine", text=MACHINE.format(who=who.login))
        elif not untouched(comment, history):
            reason = Reason(name="edited", text=EDITED.format(who=who.login))
        found.append((grant, reason))
    return found


def _over(grant: Grant, facts: IssueFacts, history: History) -> Reason | None:
    if grant.source in facts.ended:
        return Reason(name="ended", text=ENDED)
    if facts.now >= grant.at + facts.policy.ttl:
        return Reason(name="expired", text=EXPIRED.format(days=facts.policy.ttl.days))
    # Only a standing record outlives being closed by its own merge; nothing is granted after it.
    return taken_back(
        replace(facts, own_closers=frozenset()), history, kind=grant.kind, since=grant.at
    )


def _approves(label: str | None, facts: IssueFacts) -> bool:
    return label is not None and label.casefold() == facts.policy.approved_label.casefold()

"""Small facts to decide on: one issue, its people, and what they did. Times are seconds from AT."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.gatekeeper.approving import Approve, decide
from services.gatekeeper.facts import History, IssueFacts, Record
from services.gatekeeper.roles import Fleet, Role, Unreadable
from shared.messages.base import Repo
from shared.messages.objects import Actor, Comment, Edit, Issue, TimelineEvent

AT = datetime(2030, 1, 1, tzinfo=UTC)
REPO = Repo(owner="octo", name="hello", id="1")

STRANGER = Actor(id=1, login="stranger", kind="User")
READER = Actor(id=2, login="reader", kind="User")
TRIAGER = Actor(id=3, login="triager", kind="User")
WRITER = Actor(id=4, login="writer", kind="User")
MAINTAINER = Actor(id=5, login="maintainer", kind="User")
ADMIN = Actor(id=6, login="admin", kind="User")
BOT = Actor(id=7, login="ci[bot]", kind="Bot")
FLEET = Actor(id=99, login="gatefleet[bot]", kind="Bot")
FLEET_APP = 500

ROLES: dict[int, Role | Unreadable] = {
    STRANGER.id: Role("none"),
    READER.id: Role("read"),
    TRIAGER.id: Role("triage"),
    WRITER.id: Role("write"),
    MAINTAINER.id: Role("maintain"),
    ADMIN.id: Role("admin"),
    BOT.id: Role("write"),
    FLEET.id: Role("write"),
}


def at(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def issue(
    *,
    author: Actor = WRITER,
    title: str = "Mend it",
    body: str = "It is broken.",
    labels: tuple[str, ...] = (),
) -> Issue:
    return Issue(
        number=7, node_id="I_7", title=title, body=body, state="open", author=author,
        labels=labels, created_at=at(0), updated_at=at(0),
    )  # fmt: skip


def comment(
    number: int,
    author: Actor,
    body: str,
    when: float,
    *,
    edited: float | None = None,
    app: int | None = None,
) -> Comment:
    return Comment(
        id=number, number=7, author=author, body=body, created_at=at(when),
        updated_at=at(when if edited is None else edited), app_id=app,
    )  # fmt: skip


def event(
    name: str, actor: Actor | None, when: float, *, label: str | None = None, app: int | None = None,
    closed_by: str | None = None,
) -> TimelineEvent:  # fmt: skip
    return TimelineEvent(
        id=f"e{when:g}{name}", event=name, actor=actor, at=at(when), label=label, app_id=app,
        closed_by=closed_by,
    )  # fmt: skip


def labeled(actor: Actor | None, when: float, *, app: int | None = None) -> TimelineEvent:
    return event("labeled", actor, when, label="approved", app=app)


def unlabeled(actor: Actor, when: float) -> TimelineEvent:
    return event("unlabeled", actor, when, label="approved")


def body_edit(editor: Actor | None, when: float) -> Edit:
    return Edit(at=at(when), editor=editor)


def facts(
    *,
    of: Issue | None = None,
    comments: tuple[Comment, ...] = (),
    timeline: tuple[TimelineEvent, ...] = (),
    edits: tuple[Edit, ...] = (),
    now: float = 1000,
) -> IssueFacts:
    return IssueFacts(
        repo=REPO,
        issue=of or issue(),
        history=History(comments, timeline, edits),
        roles=ROLES,
        fleet=Fleet(frozenset({FLEET.id}), frozenset({FLEET_APP})),
        now=at(now),
    )


def granted(before: IssueFacts) -> IssueFacts:
    """`before` with the record that its own decision makes."""
    decision = decide(before)
    assert isinstance(decision, Approve), decision
    record = Record(
        approval=decision.approval,
        digest=decision.digest,
        snapshot=decision.snapshot,
        approver=decision.approver,
        expires_at=decision.expires_at,
    )
    return replace(before, record=record)


def with_issue(before: IssueFacts, **changes: object) -> IssueFacts:
    return replace(before, issue=before.issue.model_copy(update=changes))


def with_history(
    before: IssueFacts,
    *,
    comments: tuple[Comment, ...] = (),
    timeline: tuple[TimelineEvent, ...] = (),
    edits: tuple[Edit, ...] = (),
) -> IssueFacts:
    """`before` and what happened later."""
    assert isinstance(before.history, History)
    old = before.history
    return replace(
        before,
        history=History(old.comments + comments, old.timeline + timeline, old.edits + edits),
    )

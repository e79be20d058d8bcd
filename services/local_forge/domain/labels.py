"""Labels of a repository and on issues."""

import re
from collections.abc import Sequence

from sqlalchemy import select

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.context import Context
from services.local_forge.domain.roles import Roles
from services.local_forge.domain.voice import Voice
from services.local_forge.problems import Forbidden, Invalid, Unknown
from services.local_forge.shape.issues import label_json
from services.local_forge.tables import Issue, IssueLabel, Label, Repository

DEFAULT_COLOR = "ededed"
NO_NAME = "{repo}: a label needs a name of 1 to 50 characters"
BAD_COLOR = "{repo}: {color!r} is no colour; use six hex digits without #"
TAKEN = "{repo}: there is a label {name!r} already; choose another name"
NOT_ON_ISSUE = "Label does not exist"
MAY_NOT_CREATE = "{subject}: there is no label {name!r}, and {login} may not create one"

_COLOR = re.compile(r"[0-9a-fA-F]{6}")
_LONGEST_NAME = 50


class Labels:
    """Labels; names are compared whatever their case."""

    def __init__(self, context: Context, roles: Roles, voice: Voice) -> None:
        self._context = context
        self._roles = roles
        self._voice = voice

    def list(self, repo: Repository) -> Sequence[Label]:
        """All labels of a repository, by name."""
        with self._context.store.reading() as session:
            found = session.scalars(
                select(Label).where(Label.repository_id == repo.id).order_by(Label.folded)
            )
            return found.all()

    def find(self, repo: Repository, name: str) -> Label | None:
        """The label of that name."""
        with self._context.store.reading() as session:
            return session.scalar(
                select(Label).where(
                    Label.repository_id == repo.id, Label.folded == name.strip().casefold()
                )
            )

    def get(self, repo: Repository, name: str) -> Label:
        """The label of that name; Unknown if there is none."""
        found = self.find(repo, name)
        if found is None:
            raise Unknown
        return found

    def create(
        self,
        repo: Repository,
        *,
        actor: Actor,
        name: str,
        color: str = DEFAULT_COLOR,
        description: str | None = None,
    ) -> Label:
        """A new label; needs the write role."""
        self._roles.require(repo, actor, "write")
        name = _checked_name(repo, name)
        if not _COLOR.fullmatch(color):
            said = BAD_COLOR.format(repo=repo.full_name, color=color)
            raise Invalid(said, field="color", resource="Label")
        if self.find(repo, name) is not None:
            said = TAKEN.format(repo=repo.full_name, name=name)
            raise Invalid(said, field="name", resource="Label", code="already_exists")
        with self._context.store.transaction() as session:
            label = Label(
                repository_id=repo.id,
                name=name,
                folded=name.casefold(),
                color=color.lower(),
                description=description,
            )
            session.add(label)
            session.flush()
            self._tell(repo, "created", label=label, actor=actor)
            return label

    def rename(self, repo: Repository, label: Label, *, actor: Actor, name: str) -> Label:
        """Another name, on every issue at once and without any `labeled` event."""
        self._roles.require(repo, actor, "write")
        with self._context.store.transaction() as session:
            row = session.get_one(Label, label.id)
            row.name = _checked_name(repo, name)
            row.folded = row.name.casefold()
            session.flush()
            self._tell(repo, "edited", label=row, actor=actor)
            return row

    def _tell(self, repo: Repository, action: str, *, label: Label, actor: Actor) -> None:
        shown = label_json(label, repo, self._context.links)
        self._voice.tell(repo, "label", actor=actor, payload={"action": action, "label": shown})

    def add(self, issue: Issue, *, actor: Actor, names: Sequence[str]) -> Issue:
        """Put labels on; what is there already stays. Needs triage, or write to create one."""
        repo = issue.repository
        self._roles.require(repo, actor, "triage")
        with self._context.store.transaction() as session:
            row = session.get_one(Issue, issue.id)
            for name in names:
                label = self.find(repo, name) or self._made(issue, actor, name)
                if label in row.labels:
                    continue
                session.add(IssueLabel(issue_id=row.id, label_id=label.id))
                self._moved(row, "labeled", label=label, actor=actor)
            return row

    def _made(self, issue: Issue, actor: Actor, name: str) -> Label:
        repo = issue.repository
        if not self._roles.can(repo, actor.account, "write"):
            said = MAY_NOT_CREATE.format(subject=issue.subject, name=name, login=actor.login)
            raise Forbidden(said)
        return self.create(repo, actor=actor, name=name)

    def remove(self, issue: Issue, *, actor: Actor, name: str) -> Issue:
        """Take a label off; Unknown if it is not on. Needs triage."""
        repo = issue.repository
        self._roles.require(repo, actor, "triage")
        with self._context.store.transaction() as session:
            row = session.get_one(Issue, issue.id)
            label = self.find(repo, name)
            carried = None if label is None else session.get(IssueLabel, (row.id, label.id))
            if label is None or carried is None:
                raise Unknown(NOT_ON_ISSUE)
            session.delete(carried)
            self._moved(row, "unlabeled", label=label, actor=actor)
            return row

    def _moved(self, issue: Issue, kind: str, *, label: Label, actor: Actor) -> None:
        with self._context.store.transaction() as session:
            issue.updated_at = self._context.now()
            session.flush()
            session.refresh(issue, ["labels"])
            shown = {"name": label.name, "color": label.color}
            self._voice.record(issue, kind, actor=actor, label=shown)
            whole = label_json(label, issue.repository, self._context.links)
            self._voice.tell_issue(issue, kind, actor=actor, label=whole)


def _checked_name(repo: Repository, name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= _LONGEST_NAME:
        said = NO_NAME.format(repo=repo.full_name)
        raise Invalid(said, field="name", resource="Label", code="missing_field")
    return name

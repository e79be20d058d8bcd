"""The events of an issue or pull request: read."""

from datetime import datetime

from pydantic import Field

from shared.forge.github.pages import Listing, everything
from shared.forge.github.resource import Resource
from shared.forge.github.shapes import AppShape, LabelShape, Shape, UserShape
from shared.messages.objects import TimelineEvent


class _RenameShape(Shape):
    before: str | None = Field(default=None, alias="from")
    after: str | None = Field(default=None, alias="to")


class _SignatureShape(Shape):
    date: datetime | None = None


class _EventShape(Shape):
    """One event. Its kinds share no identity and no time, so all of theirs are here."""

    id: int | str | None = None
    node_id: str | None = None
    sha: str | None = None
    event: str = "unknown"
    actor: UserShape | None = None
    user: UserShape | None = None
    created_at: datetime | None = None
    submitted_at: datetime | None = None
    committer: _SignatureShape | None = None
    label: LabelShape | None = None
    rename: _RenameShape | None = None
    commit_id: str | None = None
    performed_via_github_app: AppShape | None = None

    def timeline_event(self) -> TimelineEvent | None:
        """As the catalogue has it; None for a kind without a time, which orders nothing."""
        committed = self.committer.date if self.committer else None
        at = self.created_at or self.submitted_at or committed
        if at is None:
            return None
        who = self.actor or self.user
        identity = self.id or self.node_id or self.sha or f"{self.event}@{at.isoformat()}"
        return TimelineEvent(
            id=str(identity),
            event=self.event,
            actor=who and who.actor(),
            at=at,
            label=self.label and self.label.name,
            app_id=self.performed_via_github_app and self.performed_via_github_app.id,
            renamed_from=self.rename and self.rename.before,
            renamed_to=self.rename and self.rename.after,
            closed_by=self.commit_id if self.event == "closed" else None,
        )


class TimelineReads(Resource):
    """Timelines."""

    async def timeline(self, number: int) -> tuple[TimelineEvent, ...]:
        """All events of an issue or pull request, oldest first."""
        listing = Listing(f"{self._root}/issues/{number}/timeline", self._subject(number), {})
        items = await everything(self._client, listing, shape=_EventShape)
        return tuple(event for item in items if (event := item.timeline_event()))

"""What the log says of the loop as a whole: every issue's view, and whether it has begun. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from services.console.view import IssueView, Views
from shared.messages import Message
from shared.messages import gate as g
from shared.messages import observed as o
from shared.messages import work as w
from shared.messages.content import RunEnd, RunKind


@dataclass
class Story:
    """Folded from every message, in order."""

    views: Views = field(default_factory=Views)
    off: str = ""
    """Why the fleet does not work in this repository; empty: it does, or nobody knows yet."""
    looked: bool = False
    """The first look at the repository is over."""
    saw: str = ""
    """How that look ended, in words, if it ended without proposals."""
    policy_errors: tuple[str, ...] = ()

    @property
    def begun(self) -> bool:
        """Until this is so, stillness only means that nothing has started yet."""
        return self.looked or bool(self.off) or self.views.stopped is not None

    def take(self, message: Message, at: datetime | None = None) -> None:
        """Fold one message in that was said then."""
        self.views.take(message, at)
        if isinstance(message, o.RepositoryObserved):
            self.policy_errors = message.policy_errors
        elif isinstance(message, g.RepositoryEvaluated):
            worse = [each.text for each in message.findings if not each.accepted]
            self.off = "" if message.on else "; ".join(worse)
        elif isinstance(message, w.RunEnded) and message.kind is RunKind.PROPOSALS:
            self.looked = True
            self.saw = "" if message.end is RunEnd.DONE else message.reason
        elif isinstance(message, g.DraftRefused) and message.kind is RunKind.PROPOSALS:
            self.saw = "; ".join(each.text for each in message.reasons)

    def shown(self) -> tuple[IssueView, ...]:
        """All issues, in the order of their numbers."""
        return tuple(self.views.shown(number) for number in sorted(self.views.issues))

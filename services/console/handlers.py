"""One handler for every message: into the log, and into the records that it is about."""

from services.console.keeping import Heard, keep
from services.console.news import News
from shared.bus.signature import Handler
from shared.messages import CATALOGUE, Message
from shared.messages.draft import ChangeProposed
from shared.store import Handling

NOT_HEARD = frozenset({ChangeProposed.topic})
"""Only the gatekeeper receives a change's bytes; everyone else learns of its end."""


def handlers(news: News) -> tuple[Handler, ...]:
    """For every message that the console hears."""
    return tuple(
        _recorder(kind, news) for topic, kind in sorted(CATALOGUE.items()) if topic not in NOT_HEARD
    )


def _recorder(kind: type[Message], news: News) -> Handler:
    def record(message: Message, at: Handling) -> None:
        said_at = at.said_at or at.now
        keep(at.session, Heard(0, at.id, said_at, at.sender, at.correlation, message))
        news.once_committed(at.session)

    # a signature is what binds a queue, so each message's recorder says its own
    record.__annotations__ = {"message": kind, "at": Handling, "return": None}
    record.__qualname__ = f"record_{kind.__name__}"
    return record

"""One handler for every message: into the event log."""

from services.console.tables import Event
from shared.bus.signature import Handler
from shared.messages import CATALOGUE, Message
from shared.messages.draft import ChangeProposed
from shared.store import Handling

NOT_HEARD = frozenset({ChangeProposed.topic})
"""Only the gatekeeper receives a change's bytes; everyone else learns of its end."""


def _recorder(kind: type[Message]) -> Handler:
    def record(message: Message, at: Handling) -> None:
        at.session.add(Event(
            id=at.id, at=at.now, topic=message.topic, sender=at.sender,
            correlation=at.correlation, body=message.model_dump_json(),
        ))  # fmt: skip

    # a signature is what binds a queue, so each message's recorder says its own
    record.__annotations__ = {"message": kind, "at": Handling, "return": None}
    record.__qualname__ = f"record_{kind.__name__}"
    return record


ALL: tuple[Handler, ...] = tuple(
    _recorder(kind) for topic, kind in sorted(CATALOGUE.items()) if topic not in NOT_HEARD
)

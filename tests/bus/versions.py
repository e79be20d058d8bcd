"""A second version of a message, as it looks when it is published beside the first."""

from typing import ClassVar

from shared.messages import Message
from shared.messages.gate import FleetStopped


class FleetStoppedV2(Message):
    """Sent when the kill switch was set: by whom and why apart."""

    topic: ClassVar[str] = "gate.fleet.stopped.v2"
    beside: ClassVar[type[Message] | None] = FleetStopped

    by: str
    reason: str

    def earlier(self) -> FleetStopped:
        """As those know it who know no other."""
        return FleetStopped(repo=self.repo, why=f"{self.by}: {self.reason}")


class FleetStoppedAlone(Message):
    """Sent when the kill switch was set: nobody is there any more who hears the version before."""

    topic: ClassVar[str] = "gate.fleet.stopped.v2"

    by: str
    reason: str

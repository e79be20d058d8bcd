"""What every file of reads or writes shares: the client, and how a subject is spelled."""

from datetime import UTC, datetime

from shared.forge.github.client import Client


class Resource:
    """A part of the forge's surface over one client."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._root = client.root

    def clock_trouble(self) -> str:
        """That this clock and the forge's differ, in one line; nothing is read or written then."""
        return self._client.clocks.trouble

    def _subject(self, number: int | None = None) -> str:
        """`owner/name#7`, or `owner/name` for what has no number."""
        return self._client.subject if number is None else f"{self._client.subject}#{number}"


def stamp(moment: datetime) -> str:
    """A time as the forge reads it: UTC, whole seconds, rounded down so that nothing is missed."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

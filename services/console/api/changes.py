"""The stream of changes, as server-sent events: resumable by the place in the log."""

from collections.abc import AsyncIterator

from sqlalchemy.orm import Session
from starlette.responses import Response, StreamingResponse

from services.console.api.rooms import Rooms
from services.console.asking import changes
from services.console.reading import last
from services.console.shapes import Change
from services.console.telling import Teller

EVENT = "id: {seq}\nevent: change\ndata: {data}\n\n"
RESET = "id: {seq}\nevent: reset\ndata: {{}}\n\n"
"""The place that was asked for is not in this log (it was made anew): look at everything again."""
STILL_HERE = ": nothing new\n\n"
KEEP_ALIVE_S = 15.0


async def stream(rooms: Rooms, after: int | None) -> Response:
    """All that is heard after a place; None: from now on."""
    newest = await rooms.ask(lambda session: last(session)[0])
    start = newest if after is None else min(after, newest)
    first = RESET.format(seq=newest) if after is not None and after > newest else ""
    return StreamingResponse(
        _events(rooms, start, first),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )


async def _events(rooms: Rooms, after: int, first: str) -> AsyncIterator[str]:
    teller = Teller()

    def look(session: Session) -> list[Change]:
        return changes(session, teller, after=after)

    yield first or STILL_HERE  # so that the headers are sent at once
    while not rooms.news.closed:
        seen = rooms.news.count
        found = await rooms.ask(look)
        for each in found:
            after = each.seq
            yield EVENT.format(seq=each.seq, data=each.model_dump_json())
        if not found and not await rooms.news.wait(seen, KEEP_ALIVE_S):
            yield STILL_HERE

"""The picture that browsers show on the tab: they ask for one with every page."""

from starlette.responses import Response

from services.local_forge.pages.look import icon
from services.local_forge.pages.site import Ask


async def show_icon(ask: Ask) -> Response:
    """The gate of the pages' head, alone."""
    return Response(icon(), media_type="image/svg+xml")

"""Serves the console's JSON, from the start of the service to its end."""

from pathlib import Path

import structlog

from services.console.api.app import api
from services.console.api.guard import Guard
from services.console.api.rooms import Rooms
from services.console.news import News
from services.console.settings import Settings
from services.console.token import token_at
from shared.errors import BadInput
from shared.runtime.serving import NOT_STARTED, Served, address, listen

log = structlog.get_logger()


class ConsoleServer:
    """A `Part`: from `start` to `stop` it answers."""

    def __init__(self, settings: Settings, rooms: Rooms) -> None:
        self._settings = settings
        self._rooms = rooms
        self._served: Served | None = None
        self._address = ""

    @property
    def url(self) -> str:
        """Where it is asked; known from `start` on."""
        if not self._address:
            raise BadInput(NOT_STARTED)
        return self._address

    @property
    def news(self) -> News:
        """What wakes those who follow the log."""
        return self._rooms.news

    @property
    def token_path(self) -> Path:
        """The file with the token to bear."""
        return self._settings.token_path

    async def start(self) -> None:
        """Listen. BadInput when the address is taken or there can be no token."""
        token = token_at(self._settings.token_path)
        listener = listen(self._settings.host, self._settings.port)
        self._address = address(listener)
        self._rooms.news.open()
        guard = Guard(token, self._address, self._settings.names)
        self._served = Served(guard.around(api(self._rooms)), listener)
        await self._served.start()
        log.info("console_answers", url=self._address, token_file=str(self.token_path))

    async def stop(self) -> None:
        """Those who follow the log are let go first."""
        self._rooms.news.close()
        if self._served is not None:
            await self._served.stop()

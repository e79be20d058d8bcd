"""The forge's way to the webhook of a simulation."""

import asyncio

import httpx

from services.github_ingest.app import NAME
from tests.simulation.carrying import Weather
from tests.simulation.lives import Lives


class Listeners(httpx.AsyncBaseTransport):
    """The forge's way to the webhook: late, twice, in any order, or never, as the weather is."""

    def __init__(self, weather: Weather) -> None:
        self.lives: Lives | None = None
        self._weather = weather

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Deliver it, or what the weather makes of it."""
        weather = self._weather
        if weather.strikes(0.15):
            return httpx.Response(202)  # lost on the way, and the forge does not know
        if weather.strikes(0.1):
            raise httpx.ConnectError("the simulation lost it")
        assert self.lives is not None
        if weather.strikes(0.25):
            self.lives.soon(self._later(request))
            return httpx.Response(202)
        if weather.strikes(0.15):
            self.lives.soon(self._later(request))
        return await self._deliver(request)

    async def _later(self, request: httpx.Request) -> None:
        await asyncio.sleep(self._weather.random.choice((0.01, 1.0, 8.0, 90.0)))
        try:
            await self._deliver(request)
        except httpx.ConnectError:
            return

    async def _deliver(self, request: httpx.Request) -> httpx.Response:
        assert self.lives is not None
        living = self.lives.living.get(NAME)
        if living is None or living.webhook is None or not living.has_begun:
            raise httpx.ConnectError("nobody listens")
        app = httpx.ASGITransport(app=living.webhook)
        loop = asyncio.get_running_loop()
        answering = loop.create_task(app.handle_async_request(request), context=living.context)
        try:
            answer = await answering
        except asyncio.CancelledError:
            raise httpx.ConnectError("it hung up") from None
        return httpx.Response(answer.status_code, content=await answer.aread())

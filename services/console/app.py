"""The console's composition root."""

from dataclasses import dataclass

from services.console.api.rooms import Rooms
from services.console.handlers import handlers
from services.console.keeping import rebuild
from services.console.news import News
from services.console.server import ConsoleServer
from services.console.settings import Settings
from services.console.tables import MIGRATIONS
from shared.bus import Driver, Service
from shared.clock import Clock
from shared.store import Store

NAME = "console"


@dataclass(frozen=True)
class Console:
    """The service, and its server for who must know where it listens."""

    service: Service
    server: ConsoleServer


def assemble(settings: Settings, driver: Driver, clock: Clock) -> Console:
    """The console with the handle of its server, ready to start."""
    service = Service(
        NAME, driver=driver, store=Store(settings.database(NAME), schema=settings.schema_name(NAME)),
        clock=clock, instance=settings.instance, migrations=(MIGRATIONS,),
    )  # fmt: skip
    service.one_active()
    news = News()
    service.hears(*handlers(news))
    server = ConsoleServer(settings, Rooms(service, news))
    if settings.serve:
        service.runs(server)

    async def views_are_of_this_version() -> None:
        await service.store.run(rebuild)

    service.at_start(views_are_of_this_version)
    return Console(service, server)


def build(settings: Settings, driver: Driver, clock: Clock) -> Service:
    """The service alone."""
    return assemble(settings, driver, clock).service

"""The console's composition root."""

from services.console.handlers import ALL
from services.console.settings import Settings
from services.console.tables import MIGRATIONS
from shared.bus import Driver, Service
from shared.clock import Clock
from shared.store import Store

NAME = "console"


def build(settings: Settings, driver: Driver, clock: Clock) -> Service:
    """The console, ready to start."""
    service = Service(
        NAME, driver=driver, store=Store(settings.database(NAME), schema=settings.schema_name(NAME)),
        clock=clock, instance=settings.instance, migrations=(MIGRATIONS,),
    )  # fmt: skip
    service.hears(*ALL)
    return service

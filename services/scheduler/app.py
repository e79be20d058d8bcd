"""The scheduler's composition root."""

from datetime import timedelta

from services.scheduler.beginning import begin
from services.scheduler.dispatching import Dispatched
from services.scheduler.handlers import ALL
from services.scheduler.handlers.repositories import propose_first
from services.scheduler.settings import Settings
from services.scheduler.showing import TOLD
from services.scheduler.tables import MIGRATIONS
from services.scheduler.ticking import tick
from shared.bus import Driver, Service
from shared.clock import Clock
from shared.store import Handling, Store

NAME = "scheduler"


def build(settings: Settings, driver: Driver, clock: Clock) -> Service:
    """The scheduler, ready to start."""
    service = Service(
        NAME, driver=driver, store=Store(settings.database(NAME), schema=settings.schema_name(NAME)),
        clock=clock, instance=settings.instance, migrations=(MIGRATIONS,),
    )  # fmt: skip
    service.one_active()
    service.hears(*ALL)

    def start(at: Handling) -> list[Dispatched]:
        return begin(at, concurrent_runs=settings.concurrent_runs)

    service.at_start(lambda: service.commit("start", start))
    service.every(timedelta(seconds=settings.tick_s), tick)
    service.tells.append(TOLD)
    if settings.propose_at_start:
        service.hears(propose_first)
    return service

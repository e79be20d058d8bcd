"""A link that logs a browser in, made beside the forge that runs: both write to the same database."""

from services.local_forge.domain.forge import Forge
from services.local_forge.settings import LocalForgeSettings
from shared.clock import Clock
from shared.store import open_engine

SCHEMA = "local_forge"


def one_time_link(settings: LocalForgeSettings, clock: Clock) -> str:
    """An address that logs a browser in as the person, once, within a quarter of an hour."""
    engine = open_engine(settings.database, schema=SCHEMA)
    try:
        forge = Forge(engine, state=settings.state, url=settings.url, clock=clock)
        return forge.sessions.one_time_link()
    finally:
        engine.dispose()

"""A service's own database: engine, one thread, transactions, inbox, outbox, dead letters, migrations."""

from shared.store.engine import open_engine
from shared.store.failures import is_the_stores, told_plainly
from shared.store.handling import Handling
from shared.store.many import ManyRows
from shared.store.migrate import Migrations, migrate
from shared.store.seat import Seat
from shared.store.store import Store
from shared.store.types import ModelType, UtcDateTime

__all__ = [
    "Handling",
    "ManyRows",
    "Migrations",
    "ModelType",
    "Seat",
    "Store",
    "UtcDateTime",
    "is_the_stores",
    "migrate",
    "open_engine",
    "told_plainly",
]

"""The bus: services around typed messages, one delivery over two drivers."""

from shared.bus.driver import Driver, Queue
from shared.bus.memory import MemoryBus
from shared.bus.part import Part
from shared.bus.service import Service
from shared.bus.settling import quiet, settled
from shared.bus.timers import Tick

__all__ = ["Driver", "MemoryBus", "Part", "Queue", "Service", "Tick", "quiet", "settled"]

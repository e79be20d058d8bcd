"""The memory bus with a clock that stands still, and a scheduler on it."""

from tests.bus.conftest import memory
from tests.runs.place import place

__all__ = ["memory", "place"]

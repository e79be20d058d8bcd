"""The only source of time: a `Clock` is passed in, nothing else reads one."""

from shared.clock.clock import Clock, SystemClock
from shared.clock.comparing import Compared
from shared.clock.fake import FakeClock

__all__ = ["Clock", "Compared", "FakeClock", "SystemClock"]

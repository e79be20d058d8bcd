"""An entry point for a drill: the gatekeeper, whose clock is wrong by what a file says, in seconds.

Mounted into the container of the gatekeeper; all else of it is as it ships.
"""

import asyncio
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from services.gatekeeper.__main__ import PROGRAM
from shared.clock import SystemClock
from shared.runtime.logs import log_as, to_stream
from shared.runtime.running import live
from shared.runtime.signals import Told

BY = Path("/tmp/shift")


class Shifted(SystemClock):
    """The machine's clock, and what was done to it."""

    def now(self) -> datetime:
        """The wall time, shifted."""
        return super().now() + timedelta(seconds=float(BY.read_text()) if BY.exists() else 0.0)


async def main() -> int:
    """As `gatefleet run gatekeeper`."""
    settings = PROGRAM.read(os.environ)
    log_as(settings)
    with Told() as told:
        return await live(PROGRAM, settings, Shifted(), told=told.event)


if __name__ == "__main__":
    to_stream(sys.stderr)
    sys.exit(asyncio.run(main()))

"""`python -m services.scheduler`: decides what is worked on next, until it is told to stop."""

import sys

from services.scheduler.app import build
from services.scheduler.settings import Settings
from shared.runtime.running import alone, on_bus, run

PROGRAM = on_bus(Settings, alone(build), about=__doc__, stands_by=True)
"""What `gatefleet run` runs too."""

if __name__ == "__main__":
    sys.exit(run(PROGRAM))

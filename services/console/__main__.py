"""`python -m services.console`: keeps the story of every issue, until it is told to stop."""

import sys

from services.console.app import build
from services.console.settings import Settings
from shared.runtime.running import alone, on_bus, run

PROGRAM = on_bus(Settings, alone(build), about=__doc__, stands_by=True)
"""What `gatefleet run` runs too."""

if __name__ == "__main__":
    sys.exit(run(PROGRAM))

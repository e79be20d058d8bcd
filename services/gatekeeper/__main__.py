"""`python -m services.gatekeeper`: keep the two gates of one repository until told to stop."""

import sys

from services.gatekeeper.opening import opened
from services.gatekeeper.settings import Settings
from shared.runtime.running import on_bus, run

PROGRAM = on_bus(Settings, opened, about=__doc__, stands_by=True)
"""What `gatefleet run` runs too."""

if __name__ == "__main__":
    sys.exit(run(PROGRAM))

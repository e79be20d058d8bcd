"""`python -m services.pm_agent`: one instance against a shared broker, until it is told to stop."""

import sys

from services.pm_agent.app import opened
from services.pm_agent.settings import Settings
from shared.runtime.running import on_bus, run

PROGRAM = on_bus(Settings, opened, about=__doc__)
"""What `gatefleet run` runs too."""

if __name__ == "__main__":
    sys.exit(run(PROGRAM))

"""`python -m services.github_ingest`: observe one repository until told to stop."""

import sys

from services.github_ingest.app import opened
from services.github_ingest.settings import Settings
from shared.runtime.running import on_bus, run

PROGRAM = on_bus(Settings, opened, about=__doc__, stands_by=True)
"""What `gatefleet run` runs too."""

if __name__ == "__main__":
    sys.exit(run(PROGRAM))

"""`python -m services.local_forge`: serve the forge until it is told to stop."""

import sys

from services.local_forge.alone import opened
from services.local_forge.settings import PREFIX, LocalForgeSettings, load
from shared.runtime.running import Program, run
from shared.runtime.variables import Variables

PROGRAM = Program(__doc__ or "", Variables(LocalForgeSettings, PREFIX), load, opened)
"""What `gatefleet run` runs too."""

if __name__ == "__main__":
    sys.exit(run(PROGRAM))

"""`gatefleet up`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from services.demo.options import SandboxChoice
from services.demo.preparing import name_of
from services.fleet.staying import Stay, stay
from shared.runtime.settings import default_state

REPO = "A local git repository to begin with; it is cloned and never written to."
STATE = "Where forge, fleet and databases live; what `gatefleet demo --keep` left can be opened."


def up(
    repo: Annotated[Path | None, typer.Option(help=REPO)] = None,
    state: Annotated[
        Path | None, typer.Option(envvar="GATEFLEET_STATE", help=STATE, show_default=False)
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the pages; 0 is any free one.")
    ] = 8300,
    sandbox: Annotated[
        SandboxChoice, typer.Option(help="Where tools and tests run; process does not isolate.")
    ] = "auto",
) -> None:
    """Run all services in one process, on the embedded forge, until SIGTERM or Ctrl-C.

    The first line says which repository, as whom, with which engine and budget, and how many things wait
    for you. A stop drains within ten seconds; what was running is resumed at the next start.
    """
    folder = (state or default_state()).expanduser().resolve()
    source = repo.expanduser().resolve() if repo is not None else None
    name = name_of(source) if source is not None else None
    asyncio.run(stay(Stay(folder, name, source, port, sandbox)))

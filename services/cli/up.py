"""`gatefleet up`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import PORT_HELP, REPO_HELP, SANDBOX_HELP, State, state_folder
from services.demo.options import SandboxChoice

STATUS_HELP = "Answer /healthz, /readyz and /metrics there; 0 is any free one."


def up(
    repo: Annotated[Path | None, typer.Option(help=REPO_HELP)] = None,
    state: State = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help=PORT_HELP)] = 8300,
    sandbox: Annotated[SandboxChoice, typer.Option(help=SANDBOX_HELP)] = "auto",
    status_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help=STATUS_HELP, show_default=False)
    ] = None,
) -> None:
    """Run all services in one process until SIGTERM or Ctrl-C.

    On the embedded forge, which --repo fills the first time; or, with GATEFLEET_FORGE_URL and
    GATEFLEET_FLEET_REPOSITORY, on a forge elsewhere. The first line says which repository, as whom, with
    which engine and budget, how many things wait for you, and where to read. A stop drains within ten
    seconds; what was running is resumed at the next start. One fleet a repository: a second one of this
    user on this machine is refused; one on another machine cannot be seen, and would pay twice.

    Example: gatefleet up --repo ~/src/yours
    """
    from services.demo.preparing import name_of
    from services.fleet.living import Asked
    from services.fleet.reaching import Wanted
    from services.fleet.settings import read_fleet
    from services.fleet.staying import stay
    from services.fleet.voice import Voice

    source = repo.expanduser().resolve() if repo is not None else None
    wanted = Wanted(name_of(source) if source is not None else None, source, port)
    settings = read_fleet()
    if status_port is not None:
        settings = settings.model_copy(update={"status_port": status_port})
    asked = Asked("up", state_folder(state), settings, wanted, sandbox, patient=True)
    raise typer.Exit(asyncio.run(stay(asked, Voice())))

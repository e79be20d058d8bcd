"""`gatefleet run SERVICE`."""

import os
from importlib import import_module
from typing import Annotated, Literal

import typer

from shared.errors import BadInput

BUS = "The broker, amqp://… or amqps://…; without it, what GATEFLEET_BUS says."
SERVICE = "Which one."
VARIABLES = "Print the variables that the service reads, and end."
NO_BUS = "{service}: talks to no broker; leave --bus out"

Name = Literal[
    "github-ingest", "gatekeeper", "scheduler", "pm-agent", "dev-agent", "qa-agent", "console",
    "local-forge",
]  # fmt: skip


def run_service(
    service: Annotated[Name, typer.Argument(metavar="SERVICE", help=SERVICE, show_default=False)],
    bus: Annotated[str | None, typer.Option(help=BUS, show_default=False)] = None,
    variables: Annotated[bool, typer.Option("--variables", help=VARIABLES)] = False,
) -> None:
    """Run one service by itself against a shared broker, until SIGTERM or Ctrl-C.

    SERVICE is github-ingest, gatekeeper, scheduler, pm-agent, dev-agent, qa-agent, console or
    local-forge, which needs no broker. Its settings come from the environment, as for
    `python -m services.SERVICE`.

    Example: gatefleet run dev-agent --bus amqp://user:password@broker/
    """
    from shared.runtime.running import run

    module = service.replace("-", "_")
    program = import_module(f"services.{module}.__main__").PROGRAM
    environment = dict(os.environ)
    if bus is not None:
        if service == "local-forge":
            raise BadInput(NO_BUS.format(service=service))
        environment[f"GATEFLEET_{module.upper()}_BUS"] = bus
    raise typer.Exit(run(program, ["--help"] if variables else [], environment))

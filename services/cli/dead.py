"""`gatefleet dead`."""

from typing import Annotated, Literal

import typer

from services.cli.options import AsJson, Bus, State, broker_url, state_folder

ACTION_HELP = "list, show, replay or drop."
IDS_HELP = "Of letters, as the list has them."
ALL_HELP = "All there are; with --queue all of that queue."
QUEUE_HELP = "Only letters that died in this queue."
YES_HELP = "Drop without being asked."


def dead(  # noqa: PLR0913 - the command's options
    action: Annotated[
        Literal["list", "show", "replay", "drop"],
        typer.Argument(metavar="ACTION", help=ACTION_HELP, show_default=False),
    ],
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help=IDS_HELP, show_default=False)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help=ALL_HELP)] = False,
    queue: Annotated[str | None, typer.Option(help=QUEUE_HELP, show_default=False)] = None,
    yes: Annotated[bool, typer.Option("--yes", help=YES_HELP)] = False,
    as_json: AsJson = False,
    bus: Bus = None,
    state: State = None,
) -> None:
    """Dead letters: messages that a service could not handle, with the reason and the traceback.

    list and show change nothing. replay sends a letter back to the one queue it died in, as its own
    sender, and only then takes it away; drop takes it away for ever, after asking. Without --bus (or
    GATEFLEET_BUS) they are those of the fleet on --state, which must be stopped for replay and drop.

    Example: gatefleet dead list

    Example: gatefleet dead show 0d6c0d6e-5a3f-5b1e-9f55-3f0a3a6a1c11

    Example: gatefleet dead replay --all --queue scheduler.gate.issue.approved.v1

    Example: gatefleet dead drop 0d6c0d6e-5a3f-5b1e-9f55-3f0a3a6a1c11 --yes
    """
    from services.cli.letters.tending import Order, tend
    from shared.clock import SystemClock

    order = Order(action, tuple(dict.fromkeys(ids or ())), every, queue, yes, as_json)
    raise typer.Exit(
        tend(order, bus=broker_url(bus), state=state_folder(state), clock=SystemClock())
    )

"""`gatefleet tail`."""

from typing import Annotated

import typer

from services.cli.completing import complete_topic
from services.cli.options import Bus, State, broker_url, state_folder

PATTERN_HELP = "Topics: * is one word, # any number. By default all but the bundles of changes."
JSON_LINES_HELP = "Print one JSON object a line, with properties and body."
LIMIT_HELP = "End after so many messages."


def tail(
    pattern: Annotated[
        str | None,
        typer.Argument(
            metavar="PATTERN",
            help=PATTERN_HELP,
            show_default=False,
            autocompletion=complete_topic,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=JSON_LINES_HELP)] = False,
    limit: Annotated[int | None, typer.Option(min=1, help=LIMIT_HELP, show_default=False)] = None,
    bus: Bus = None,
    state: State = None,
) -> None:
    """Show messages as they are said: when, on which topic, by whom, of which story, and what.

    Over a broker through a queue of its own, which takes nothing from anybody; a ? behind the sender
    says that only the message itself claims it. Without --bus (or GATEFLEET_BUS) the console of the
    fleet on --state tells, without bodies.

    Example: gatefleet tail "gate.#"
    """
    from services.cli.tailing.following import follow
    from services.cli.tailing.showing import Screen
    from shared.clock import SystemClock

    screen = Screen(as_json=as_json, limit=limit)
    follow(pattern, screen, bus=broker_url(bus), state=state_folder(state), clock=SystemClock())

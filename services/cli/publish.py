"""`gatefleet publish`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from services.cli.completing import complete_topic
from services.cli.options import Bus, State, broker_url, state_folder

TOPIC_HELP = "custom.NAME, or any topic of the catalogue; .v1 is implied."
FIELDS_HELP = "Fields, typed as the message wants them; dots for what is inside."
GIVEN_HELP = "Fields as a JSON object: -, a file, or the object itself."
REPO_HELP = "Of which repository; by default that of the fleet, or of the git folder."
WAIT_HELP = "Wait for what comes of it."
TIMEOUT_HELP = "With --wait: for so many seconds."
POLICY_HELP = "Check the event against the triggers: of this policy file."
OUTPUT_HELP = "text, or one JSON object."


def publish(  # noqa: PLR0913 - the command's options
    topic: Annotated[
        str,
        typer.Argument(
            metavar="TOPIC", help=TOPIC_HELP, show_default=False, autocompletion=complete_topic
        ),
    ],
    fields: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE", help=FIELDS_HELP)
    ] = None,
    given: Annotated[
        str | None, typer.Option("--json", metavar="-|FILE|OBJECT", help=GIVEN_HELP)
    ] = None,
    repo: Annotated[str | None, typer.Option(metavar="OWNER/NAME", help=REPO_HELP)] = None,
    wait: Annotated[bool, typer.Option("--wait", help=WAIT_HELP)] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help=TIMEOUT_HELP)] = 300.0,
    policy: Annotated[Path | None, typer.Option(metavar="FILE", help=POLICY_HELP)] = None,
    output: Annotated[Literal["text", "json"], typer.Option(help=OUTPUT_HELP)] = "text",
    bus: Bus = None,
    state: State = None,
) -> None:
    """Say a message: checked first, then confirmed by the broker or the fleet; prints its id.

    An event can ask for work, and opens no gate. Without --bus (or GATEFLEET_BUS) the fleet that runs
    on --state takes it. 0: confirmed, and with --wait: taken.

    Example: gatefleet publish custom.sentry.alert title="KeyError in greet" --wait
    """
    from services.cli.publishing.saying import Order, say
    from shared.clock import SystemClock

    order = Order(
        topic, tuple(fields or ()), given, repo, policy, timeout if wait else None, output
    )
    raise typer.Exit(
        say(order, bus=broker_url(bus), state=state_folder(state), clock=SystemClock())
    )

"""`gatefleet messages`."""

from typing import Annotated

import typer

from services.cli.completing import complete_topic
from services.cli.options import AsJson

TOPIC_HELP = "One of them, with fields, JSON schema and example; .v1 is implied."


def messages(
    topic: Annotated[
        str | None,
        typer.Argument(
            metavar="TOPIC", help=TOPIC_HELP, show_default=False, autocompletion=complete_topic
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List every message there is: who says it, who hears it, when it is sent.

    Example: gatefleet messages gate.issue.approved
    """
    from services.cli.catalogue import show
    from services.docs.parties import parties

    show(topic, parties(), as_json=as_json)

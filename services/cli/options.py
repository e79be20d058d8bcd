"""Options that mean the same in every command, and the one way to the state folder they name."""

from pathlib import Path
from typing import Annotated

import typer

from shared.runtime.settings import default_state

STATE_HELP = "The state folder: forge, databases and the address of the fleet that runs there."
JSON_HELP = "Print one JSON object instead of lines."
REPO_HELP = "A local git repository to begin with; it is cloned and never written to."
SANDBOX_HELP = "Where tools and tests run; process does not isolate."
NO_WAIT_HELP = "Do not wait for what the gatekeeper makes of it."
PORT_HELP = "Port of the embedded forge's pages; 0 is any free one."

State = Annotated[
    Path | None,
    typer.Option("--state", envvar="GATEFLEET_STATE", help=STATE_HELP, show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help=JSON_HELP)]
Issue = Annotated[
    int, typer.Argument(min=1, metavar="N", help="The issue's number.", show_default=False)
]
NoWait = Annotated[bool, typer.Option("--no-wait", help=NO_WAIT_HELP)]


def state_folder(given: Path | None) -> Path:
    """The folder that `--state` or `GATEFLEET_STATE` names, else the user's own."""
    return (given or default_state()).expanduser().resolve()

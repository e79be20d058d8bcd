"""Options that mean the same in every command, and the one way to the state folder they name."""

import os
from pathlib import Path
from typing import Annotated

import typer

from shared.errors import BadInput
from shared.runtime.settings import default_state

STATE_HELP = "The state folder: forge, databases and the address of the fleet that runs there."
CONSOLE_HELP = (
    "A console that runs elsewhere; its token in GATEFLEET_CONSOLE_TOKEN or the file that "
    "GATEFLEET_CONSOLE_TOKEN_FILE names."
)
JSON_HELP = "Print one JSON object instead of lines."
REPO_HELP = "A local git repository to begin with; it is cloned and never written to."
SANDBOX_HELP = "Where tools and tests run; process does not isolate."
NO_WAIT_HELP = "Do not wait for what the gatekeeper makes of it."
BUS_HELP = "The broker, amqp://…; without it what GATEFLEET_BUS says, else the fleet on --state."
PORT_HELP = "Port of the embedded forge's pages; 0 is any free one."

State = Annotated[
    Path | None,
    typer.Option("--state", envvar="GATEFLEET_STATE", help=STATE_HELP, show_default=False),
]
Console = Annotated[
    str | None,
    typer.Option(
        "--console", metavar="URL", envvar="GATEFLEET_CONSOLE_URL", help=CONSOLE_HELP,
        show_default=False,
    ),
]  # fmt: skip
AsJson = Annotated[bool, typer.Option("--json", help=JSON_HELP)]
Issue = Annotated[
    int, typer.Argument(min=1, metavar="N", help="The issue's number.", show_default=False)
]
NoWait = Annotated[bool, typer.Option("--no-wait", help=NO_WAIT_HELP)]
Bus = Annotated[str | None, typer.Option("--bus", help=BUS_HELP, show_default=False)]
_BUS, _MEMORY = "GATEFLEET_BUS", "memory:"
_UNREADABLE = "{variable}: {path} cannot be read ({why}); name a readable file"


def broker_url(given: str | None) -> str | None:
    """The broker that `--bus`, `GATEFLEET_BUS` or `GATEFLEET_BUS_FILE` names; None: none, and
    `memory://` is none either, because it connects nothing but the services of one process."""
    url = given or os.environ.get(_BUS, "")
    file = os.environ.get(f"{_BUS}_FILE", "")
    if not url and file:
        try:
            url = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not text"
            raise BadInput(
                _UNREADABLE.format(variable=f"{_BUS}_FILE", path=file, why=why)
            ) from None
    return url if url and not url.startswith(_MEMORY) else None


def state_folder(given: Path | None) -> Path:
    """The folder that `--state` or `GATEFLEET_STATE` names, else the user's own."""
    return (given or default_state()).expanduser().resolve()

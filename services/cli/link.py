"""`gatefleet link`."""

import json
import os
from pathlib import Path

import typer

from services.cli.options import AsJson, State, state_folder
from shared.errors import Refused

OPEN = "log in once, within a quarter of an hour: {link}"
NOTHING_HERE = (
    "{state}: no embedded forge runs here; start `gatefleet up`, or in the stack run "
    "`docker compose exec local-forge gatefleet link`"
)


def link(state: State = None, as_json: AsJson = False) -> None:
    """Print a link that logs your browser in at the embedded forge, once.

    Example: gatefleet link
    """
    address = _link(state_folder(state))
    typer.echo(json.dumps({"link": address}) if as_json else OPEN.format(link=address))


def _link(state: Path) -> str:
    from services.fleet.address import find
    from services.local_forge.linking import one_time_link
    from services.local_forge.settings import FOLDER, STATE_FOR_ALL, LocalForgeSettings, load
    from shared.clock import SystemClock

    running = find(state)
    if running is not None and running.person_token_file is not None:
        settings = LocalForgeSettings(
            state=running.person_token_file.parent.parent, public_url=running.forge_url
        )
    elif (state / FOLDER).is_dir():  # a forge that runs by itself
        settings = load({STATE_FOR_ALL: str(state), **os.environ})
    else:
        raise Refused(NOTHING_HERE.format(state=state))
    return one_time_link(settings, SystemClock())

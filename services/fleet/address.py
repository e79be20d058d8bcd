"""Where a fleet that runs is reached: one file in its state folder, for commands on the same machine.

running = find(state)                  # None: nothing runs there
"""

import os
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.runtime.holding import is_held

FILE = "running.json"


class Running(BaseModel):
    """A fleet that runs, as it left its address. Newer versions may say more than is read here."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: str
    """Of the program that runs."""
    pid: int
    repository: str
    """`owner/name`."""
    forge_url: str
    """The root of the forge's REST API."""
    pages: str
    """Where a person reads issues and pull requests."""
    console_url: str
    """The console's JSON; empty while it is not served."""
    console_token_file: Path
    person_token_file: Path | None = None
    """The person's token on the embedded forge; None on a forge elsewhere."""
    since: datetime


def leave(state: Path, running: Running) -> Path:
    """Write the address for others to find, all of it at once and for this user's eyes only."""
    path = state / FILE
    draft = path.with_name(f".{FILE}.{running.pid}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(running.model_dump_json(indent=2) + "\n")
    draft.replace(path)
    return path


def find(state: Path) -> Running | None:
    """The fleet that runs on a state folder; None when nothing holds it or it is still starting."""
    if not is_held(state):
        return None  # what lies there was left by a process that was killed
    try:
        return Running.model_validate_json((state / FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def forget(state: Path) -> None:
    """It stops: nobody shall find it any more. Does nothing where nothing was left."""
    (state / FILE).unlink(missing_ok=True)

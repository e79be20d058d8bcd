"""Where a fleet that runs is reached: one file in its state folder, for commands on the same machine.

running = find(state)                  # None: nothing runs there
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.runtime.holding import is_held

FILE = "running.json"
CONSOLE_URL = "GATEFLEET_CONSOLE_URL"
OTHERS: Mapping[str, str] = {
    "console_token_file": "GATEFLEET_CONSOLE_TOKEN_FILE",
    "person_token_file": "GATEFLEET_PERSON_TOKEN_FILE",
    "forge_url": "GATEFLEET_FORGE_URL",
    "repository": "GATEFLEET_FLEET_REPOSITORY",
}
"""What goes with it, for a fleet of services that run each by itself: a stack, say."""


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


def find(state: Path, environment: Mapping[str, str] | None = None) -> Running | None:
    """The fleet that the environment names whole, else the one that runs on a state folder.

    None when nothing holds the folder or it is still starting.
    """
    env = os.environ if environment is None else environment
    if all(env.get(name) for name in (CONSOLE_URL, *OTHERS.values())):
        return _elsewhere(env)
    if not is_held(state):
        return None  # what lies there was left by a process that was killed
    try:
        return Running.model_validate_json((state / FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def _elsewhere(env: Mapping[str, str]) -> Running:
    given = {field: env[name] for field, name in OTHERS.items()}
    return Running(
        version="", pid=0, pages=given["forge_url"], console_url=env[CONSOLE_URL],
        since=datetime.min.replace(tzinfo=UTC), repository=given["repository"],
        forge_url=given["forge_url"], console_token_file=Path(given["console_token_file"]),
        person_token_file=Path(given["person_token_file"]),
    )  # fmt: skip


def forget(state: Path) -> None:
    """It stops: nobody shall find it any more. Does nothing where nothing was left."""
    (state / FILE).unlink(missing_ok=True)

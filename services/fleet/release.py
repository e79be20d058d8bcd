"""What a fleet that runs says of itself to other commands on the machine."""

import os
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from services.fleet.address import Running
from services.fleet.living import Life

UNRELEASED = "unknown"


def release() -> str:
    """The version of this program."""
    try:
        return version("gatefleet")
    except PackageNotFoundError:  # a checkout that was never installed
        return UNRELEASED


def running(life: Life, state: Path, since: datetime) -> Running:
    """The address that others find."""
    forge = life.forge
    return Running(
        version=release(), pid=os.getpid(), repository=forge.repository,
        forge_url=forge.address.base_url, pages=forge.pages, console_url=life.fleet.asked_at.url,
        console_token_file=life.fleet.asked_at.token_path, person_token_file=forge.person_token_file,
        since=since,
    )  # fmt: skip

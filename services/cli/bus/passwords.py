"""Passwords of the broker's users: a file for each, made where it is missing, never printed."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from shared.errors import BadInput

UNREADABLE = "{path}: the password of {user} cannot be read ({why}); mend the file, or remove it"
EMPTY = "{path}: the password of {user} is empty; write one into it, or remove the file"
NOT_MADE = (
    "{path}: the password of {user} cannot be written ({why}); name a folder with --passwords"
)
_BYTES = 32


def fresh() -> str:
    """Such as nobody guesses; it can stand in a URL as it is."""
    return secrets.token_urlsafe(_BYTES)


def passwords(folder: Path, users: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Every user's password, and the users for whom one was made now, readable by its owner alone.

    BadInput names a file that cannot be read, is empty, or cannot be made.
    """
    known: dict[str, str] = {}
    made: list[str] = []
    for user in users:
        path = folder / user
        if not path.exists():
            _make(path, user)
            made.append(user)
        known[user] = _read(path, user)
    return known, made


def _make(path: Path, user: str) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{fresh()}\n")
    except OSError as error:
        raise BadInput(NOT_MADE.format(path=path, user=user, why=error.strerror)) from None


def _read(path: Path, user: str) -> str:
    try:
        password = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(UNREADABLE.format(path=path, user=user, why=error)) from None
    if not password:
        raise BadInput(EMPTY.format(path=path, user=user))
    return password

"""The token that every request bears: made at start, for the eyes of one user only."""

import os
import secrets
import stat
from pathlib import Path

from shared.errors import BadInput

BITS = 256
NO_TOKEN = "{path}: the console's token cannot be read or made there ({why}); name another file"  # noqa: S105
SHORT = "{path}: what lies there is no token of the console; remove the file"
LEAST = 32


def token_at(path: Path) -> str:
    """The token in that file, made when there is none. BadInput when it cannot be."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _make(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:  # a secret that is mounted cannot be changed
            path.chmod(0o600)
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise BadInput(NO_TOKEN.format(path=path, why=why)) from None
    if len(found) < LEAST:
        raise BadInput(SHORT.format(path=path))
    return found


def _make(path: Path) -> None:
    """All at once, so that nobody reads half of one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(secrets.token_urlsafe(BITS // 8) + "\n")
    draft.replace(path)

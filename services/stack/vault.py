"""The secrets of the stack: made once, kept in set-up's own volume, dealt out to who needs each.

own/             the volume that set-up alone mounts
own/given/…      what a person put in: `gatekeeper/token`
gatekeeper/…     the volume that the gatekeeper mounts, read-only, and so on
"""

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from shared.errors import BadInput

OWN, GIVEN, PASSWORDS = "own", "given", "passwords"

CANNOT_WRITE = (
    "{path}: cannot be written ({why}); is the volume another user's? `docker compose down -v` removes "
    "all of them with everything in them"
)
BAD_NAME = "{name}: no name of a secret; letters, digits and dashes"
EMPTY = "{name}: nothing came in; give it on standard input: `… < FILE`"
_BYTES = 32
_SECRET, _SHARED = 0o400, 0o440


class Vault:
    """The folder of all volumes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def passwords(self) -> Path:
        """Of the broker's users, a file each."""
        return self.folder / OWN / PASSWORDS

    def own(self, name: str) -> str:
        """A secret, made when there is none."""
        return _read(self._path(name)) or self.renew(name)

    def renew(self, name: str) -> str:
        """A new secret in its place."""
        made = secrets.token_hex(_BYTES)
        keep(self._path(name), made)
        return made

    def replace(self, name: str, text: str) -> None:
        """Another text in its place."""
        keep(self._path(name), text)

    def given(self, service: str, name: str) -> str:
        """What a person put in for a service; empty when nobody did."""
        return _read(self.folder / OWN / GIVEN / service / name)

    def take(self, service: str, name: str, text: str) -> None:
        """Keep what a person puts in. BadInput when it is nothing, or goes nowhere."""
        if not text.strip():
            raise BadInput(EMPTY.format(name=name))
        if not name.replace("-", "").isalnum():
            raise BadInput(BAD_NAME.format(name=name))
        keep(self.folder / OWN / GIVEN / service / name, text.strip())

    def deal(self, service: str, files: Mapping[str, str], *, shared: bool = False) -> None:
        """Put a service's own secrets into its volume; what is the same stays untouched.

        `shared`: the group reads them too, for a container that runs as another user.
        """
        for name, text in files.items():
            keep(self.folder / service / name, text, mode=_SHARED if shared else _SECRET)

    def nonce(self) -> str:
        """Six digits that nobody had yet, as good as certainly."""
        return secrets.token_hex(3)

    def _path(self, name: str) -> Path:
        return self.folder / OWN / name


def keep(path: Path, text: str, *, mode: int = _SECRET) -> None:
    """Write a file for its reader's eyes only, all at once; not at all when it says the same."""
    if _read(path) == text:
        return
    draft = path.with_name(f".{path.name}.new")

    def write() -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(f"{text}\n")
        draft.replace(path)

    _or_say(path, write)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def _or_say(path: Path, do: Callable[[], None]) -> None:
    try:
        do()
    except OSError as error:
        raise BadInput(CANNOT_WRITE.format(path=path, why=error.strerror)) from None

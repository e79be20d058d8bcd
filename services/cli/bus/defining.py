"""`gatefleet topology --definitions`: the file that a broker loads, and the passwords of its users."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from services.cli.bus.passwords import passwords
from services.cli.page import Page
from shared.bus.definitions import definitions
from shared.bus.topology import Topology
from shared.bus.users import admin_user
from shared.errors import BadInput

STDOUT = "-"
SUFFIX = ".passwords"
WHERE = "--definitions -: say with --passwords DIR where the users' passwords are kept"
NOT_WRITTEN = "{path}: cannot be written ({why}); name another file"
WRITTEN = "{path}: {users} users, {exchanges} exchanges, {queues} queues"
KEPT = "{folder}: a password for each user ({made} made now, {kept} kept)"
NEXT = "→ rabbitmqctl import_definitions {path}, or load_definitions in rabbitmq.conf"


@dataclass(frozen=True)
class Wanted:
    """What was asked for. `file`: a path, or `-` for stdout."""

    file: str
    passwords: Path | None
    vhost: str
    admin: bool

    @property
    def folder(self) -> Path:
        """Where the passwords are. BadInput when nothing says so."""
        if self.passwords is not None:
            return self.passwords
        if self.file == STDOUT:
            raise BadInput(WHERE)
        return Path(self.file).with_suffix(SUFFIX)


def define(of: Topology, wanted: Wanted, *, as_json: bool) -> None:
    """Write it, and say what was written; with `-` nothing but the definitions goes to stdout."""
    whole = replace(of, users=(*of.users, admin_user())) if wanted.admin else of
    known, made = passwords(wanted.folder, (user.name for user in whole.users))
    text = json.dumps(definitions(whole, known, vhost=wanted.vhost), indent=2) + "\n"
    page = Page()
    if wanted.file == STDOUT:
        page.write(text.rstrip("\n"))
        page.show()
        return
    _write(Path(wanted.file), text)
    if as_json:
        told = {"definitions": wanted.file, "passwords": str(wanted.folder), "made": made}
        page.write(json.dumps(told, indent=2))
    else:
        for line in _told(whole, wanted, len(made)):
            page.line(line)
    page.show()


def _told(of: Topology, wanted: Wanted, made: int) -> list[str]:
    queues = len(of.lasting) + sum(place.queue is not None for place in of.places)
    return [
        WRITTEN.format(
            path=wanted.file, users=len(of.users), exchanges=len(of.places), queues=queues
        ),
        KEPT.format(folder=wanted.folder, made=made, kept=len(of.users) - made),
        NEXT.format(path=wanted.file),
    ]


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(NOT_WRITTEN.format(path=path, why=error.strerror)) from None

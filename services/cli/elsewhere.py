"""A console that runs elsewhere, by its address and token, for the commands that read.

GATEFLEET_CONSOLE_URL=https://console.example GATEFLEET_CONSOLE_TOKEN_FILE=… gatefleet log 7
"""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Protocol, TypeAlias
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from services.cli.console_client import ConsoleClient
from services.fleet.address import Running
from shared.errors import BadInput

URL, TOKEN, TOKEN_FILE = (
    "GATEFLEET_CONSOLE_URL", "GATEFLEET_CONSOLE_TOKEN", "GATEFLEET_CONSOLE_TOKEN_FILE",
)  # fmt: skip
NO_ADDRESS = (
    "{url}: is no address of a console; give http://HOST:PORT, which its log says at the start"
)
NO_TOKEN = (
    f"{TOKEN_FILE}: not set; the console at {{url}} asks for its token: name the file that holds it"
)
UNREADABLE = f"{TOKEN_FILE}: {{path}} cannot be read ({{why}}); name a readable file"


class Elsewhere(BaseModel):
    """What is known of a console that no state folder here belongs to."""

    model_config = ConfigDict(frozen=True)

    pages: ClassVar[str] = ""
    """Nobody said where its forge's pages are."""
    repository: ClassVar[str] = ""
    console_url: str


Answering: TypeAlias = Running | Elsewhere


class _Client(Protocol):
    def __call__(self, url: str, token: str) -> ConsoleClient: ...


def client_of(
    url: str, environment: Mapping[str, str], make: _Client = ConsoleClient
) -> ConsoleClient:
    """Asks the console at `url`. BadInput for an address or a token that cannot be one."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(NO_ADDRESS.format(url=url))
    return make(url.rstrip("/"), _token(url, environment))


def _token(url: str, environment: Mapping[str, str]) -> str:
    if environment.get(TOKEN):
        return environment[TOKEN]
    path = environment.get(TOKEN_FILE, "")
    if not path:
        raise BadInput(NO_TOKEN.format(url=url))
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(UNREADABLE.format(path=path, why=error)) from None

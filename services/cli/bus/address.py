"""The broker's own address, and that of a user on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from shared.errors import BadInput

BUS = "GATEFLEET_BUS"
SCHEMES = ("amqp", "amqps")
NOT_NAMED = "--bus: name the broker, amqp://HOST:PORT/VHOST, or set {variable}"
NO_BROKER = "{source}: {url}: no broker; write it as amqp://HOST:PORT/VHOST"
UNREADABLE = "{variable}: {path} cannot be read ({why}); name a readable file"
DEFAULT_VHOST = "/"


@dataclass(frozen=True)
class BrokerAddress:
    """Where clients connect, without anybody's name and password."""

    scheme: str
    place: str
    """HOST or HOST:PORT."""
    vhost: str

    @classmethod
    def of(cls, bus: str | None, vhost: str | None, environment: Mapping[str, str]) -> Self:
        """What `--bus` and `--vhost` say, else GATEFLEET_BUS. BadInput when it is no broker."""
        source, url = ("--bus", bus) if bus is not None else (BUS, variable(environment, BUS))
        if not url:
            raise BadInput(NOT_NAMED.format(variable=BUS))
        try:
            parts = urlsplit(url)
        except ValueError:  # brackets that do not close
            parts = urlsplit("")
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise BadInput(NO_BROKER.format(source=source, url=url.rpartition("@")[2]))
        named = unquote(parts.path.removeprefix("/")) or DEFAULT_VHOST
        return cls(parts.scheme, parts.netloc.rpartition("@")[2], vhost or named)

    def url(self, user: str, password: str) -> str:
        """Of a user there."""
        path = "" if self.vhost == DEFAULT_VHOST else quote(self.vhost, safe="")
        return (
            f"{self.scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{self.place}/{path}"
        )


def variable(environment: Mapping[str, str], name: str) -> str:
    """What it says, or the file that `NAME_FILE` names; empty when neither is set. BadInput when the
    file cannot be read."""
    path = environment.get(f"{name}_FILE")
    if name in environment or not path:
        return environment.get(name, "").strip()
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(UNREADABLE.format(variable=f"{name}_FILE", path=path, why=error)) from None

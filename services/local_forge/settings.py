"""Every variable that local-forge reads: `GATEFLEET_LOCAL_FORGE_…`."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.errors import BadInput

PREFIX = "GATEFLEET_LOCAL_FORGE_"
STATE_FOR_ALL = "GATEFLEET_STATE"
"""The folder of all services; the forge then takes one of its own below it."""
FOLDER = "local-forge"
UNKNOWN = "{name}: there is no such setting; the valid ones are {valid}"
WRONG = "{name}: {why}; set it right and start again"


class LocalForgeSettings(BaseModel):
    """Where the forge keeps its state and where it listens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Path
    """The folder for the database, `git/` and `tokens/`; made if it is missing."""
    host: str = "127.0.0.1"
    port: int = Field(default=8300, ge=0, le=65_535)
    public_url: str | None = None
    """Where people and listeners reach it; by default `http://HOST:PORT`."""
    database_url: str | None = None
    """`sqlite:///FILE` or `postgresql://…`; by default a file in the state folder."""
    repository: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$")
    """`owner/name` to make at start, if it is missing."""
    source: Path | None = None
    """A local git repository to clone it from; it is never written to."""

    @property
    def url(self) -> str:
        """The forge's address, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def names(self) -> frozenset[str]:
        """Hosts that people and listeners know it by."""
        given = {urlsplit(self.url).hostname, self.host}
        return frozenset(name for name in given if name)

    @property
    def database(self) -> str:
        """The database's address."""
        return self.database_url or f"sqlite:///{self.state / 'forge.sqlite3'}"


def load(environment: Mapping[str, str]) -> LocalForgeSettings:
    """The settings in `environment`; BadInput names what is unknown, missing or wrong."""
    known = {f"{PREFIX}{name.upper()}": name for name in LocalForgeSettings.model_fields}
    given: dict[str, str] = {}
    if STATE_FOR_ALL in environment:
        given["state"] = f"{environment[STATE_FOR_ALL]}/{FOLDER}"
    for name, value in environment.items():
        if not name.startswith(PREFIX):
            continue
        if name not in known:
            raise BadInput(UNKNOWN.format(name=name, valid=", ".join(sorted(known))))
        given[known[name]] = value
    try:
        return LocalForgeSettings.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = f"{PREFIX}{str(first['loc'][0]).upper()}"
        raise BadInput(WRONG.format(name=name, why=first["msg"].lower())) from None

"""Every variable that local-forge reads: `GATEFLEET_LOCAL_FORGE_…`."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from shared.errors import BadInput
from shared.runtime.settings import UNREADABLE

PREFIX = "GATEFLEET_LOCAL_FORGE_"
STATE_FOR_ALL = "GATEFLEET_STATE"
"""The folder of all services; the forge then takes one of its own below it."""
FOLDER = "local-forge"
UNKNOWN = "{name}: there is no such setting; the valid ones are {valid}"
WRONG = "{name}: {why}; set it right and start again"
NO_HOOK_SECRET = (
    f"{PREFIX}HOOK_SECRET: not set, and {PREFIX}HOOK_URL is; deliveries are signed with it, so set "
    f"{PREFIX}HOOK_SECRET_FILE"
)
FILE = "_FILE"


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
    hosts: str = ""
    """Names, joined by commas, by which it is reached beside those: by other containers, say."""
    tokens: Path | None = None
    """A folder with the tokens `you`, `fleet` and `reader`, made elsewhere; by default it makes them."""
    hook_url: str | None = None
    """Where signed webhooks of the repository go; by default nowhere."""
    hook_secret: SecretStr | None = None
    """What they are signed with."""
    tells_link: bool = True
    """False: the log names no link that logs in; `gatefleet link` makes one."""

    @property
    def url(self) -> str:
        """The forge's address, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def names(self) -> frozenset[str]:
        """Hosts that people and listeners know it by."""
        given = {urlsplit(self.url).hostname, self.host}
        others = {each.strip() for each in self.hosts.split(",")}
        return frozenset(name for name in given | others if name)

    @property
    def database(self) -> str:
        """The database's address."""
        return self.database_url or f"sqlite:///{self.state / 'forge.sqlite3'}"


def load(environment: Mapping[str, str]) -> LocalForgeSettings:
    """The settings in `environment`; BadInput has a line for each that is unknown, missing or wrong."""
    known = {f"{PREFIX}{name.upper()}": name for name in LocalForgeSettings.model_fields}
    given: dict[str, str] = {}
    problems: list[str] = []
    if STATE_FOR_ALL in environment:
        given["state"] = f"{environment[STATE_FOR_ALL]}/{FOLDER}"
    for name, value in environment.items():
        if not name.startswith(PREFIX):
            continue
        plain = name.removesuffix(FILE)
        if name in known:
            given[known[name]] = value
        elif plain in known:
            given[known[plain]] = _from_file(name, value, problems)
        else:
            problems.append(UNKNOWN.format(name=name, valid=", ".join(sorted(known))))
    try:
        settings = LocalForgeSettings.model_validate(given)
        if settings.hook_url and settings.hook_secret is None:
            problems.append(NO_HOOK_SECRET)
    except ValidationError as error:
        problems += [
            WRONG.format(name=f"{PREFIX}{str(each['loc'][0]).upper()}", why=each["msg"].lower())
            for each in error.errors(include_input=False, include_url=False)
        ]
    if problems:
        raise BadInput("\n".join(problems))
    return settings


def _from_file(name: str, path: str, problems: list[str]) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(UNREADABLE.format(variable=name, path=path, why=error))
        return ""

"""The settings that every service has; each service adds its own in its `settings.py`.

Values come from the environment; a secret also from a file, named by the same variable with
`_FILE`. What is unknown, missing or wrong stops the start with one line for each. Some variables are
set once for all services (`SHARED`); a service's own wins.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import BadInput
from shared.runtime.holding import CANNOT_MAKE

T = TypeVar("T", bound=BaseSettings)

FOR_ALL = "GATEFLEET_"
FREE = "auto"
"""An instance that takes the first free place."""
SHARED = (
    "state", "bus", "bus_identity", "forge_url", "status_host", "status_port", "log_format", "log_level",
)  # fmt: skip
"""What `GATEFLEET_STATE`, `GATEFLEET_BUS` and so on say for every service that has such a setting."""

OF_COMMANDS = frozenset({"GATEFLEET_CONSOLE_URL", "GATEFLEET_CONSOLE_TOKEN"})
"""Begin like the console's own, and tell commands where it is: no setting of the console."""

UNKNOWN = "{variable}: unknown; valid here: {valid}"
UNREADABLE = "{variable}: {path} cannot be read ({why}); name a readable file"
NOT_SET = "not set, and there is no default; set it"
NO_BROKER = (
    "one service by itself needs a broker, amqp:// or amqps://; "
    "memory:// only connects services of one process"
)


def settings_config(prefix: str) -> SettingsConfigDict:
    """How a service's settings class reads the environment."""
    return SettingsConfigDict(env_prefix=prefix, extra="forbid", frozen=True)


def default_state() -> Path:
    """The user's state folder for Gatefleet."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "gatefleet"


class WatchedSettings(BaseSettings):
    """How a process is watched: what it logs, and where it is asked how it does."""

    model_config = settings_config(FOR_ALL)

    status_host: str = Field(
        default="127.0.0.1", description="Where `/healthz`, `/readyz` and `/metrics` are answered."
    )
    status_port: int | None = Field(
        default=None,
        ge=0,
        le=65_535,
        description="0: any free one, said in the log at start; not set: nothing listens.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="How a line of the log on stderr is written."
    )
    log_level: Literal["debug", "info", "warning"] = Field(
        default="info", description="The least that is logged."
    )


class ServiceSettings(BaseSettings):
    """Common to all services; the shared ones are read from `GATEFLEET_…` by the command."""

    model_config = settings_config(FOR_ALL)

    state: Path = Field(
        default_factory=default_state, description="Folder for files and databases."
    )
    instance: str = Field(
        default="1",
        pattern=r"^[A-Za-z0-9._-]{1,40}$",
        description="Name of this instance among those of the same service; `auto`: the first number "
        "that no process of the state folder has, for copies that share one.",
    )
    database_url: str = Field(
        default="",
        description="`sqlite:///FILE` or `postgresql://…`; "
        "empty: a SQLite file in the state folder.",
    )

    def database(self, name: str) -> str:
        """The URL of this instance's database; the folder is made when it is missing.

        BadInput where it cannot be made.
        """
        if self.database_url:
            return self.database_url
        folder = self.state / "databases"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(CANNOT_MAKE.format(state=self.state, why=error.strerror)) from None
        return f"sqlite:///{folder / name}.db"

    def schema_name(self, name: str) -> str | None:
        """The PostgreSQL schema of this service; None for SQLite."""
        if not self.database_url.startswith("postgresql"):
            return None
        return name.replace("-", "_")


class BusSettings(WatchedSettings, ServiceSettings):
    """Those of a service that can run by itself against a shared broker."""

    bus: str = Field(
        default="amqp://guest:guest@127.0.0.1:5672/",
        repr=False,
        description="The broker, when this service runs by itself.",
    )
    bus_identity: Literal["own", "shared"] = Field(
        default="own",
        description="`own`: every service is a broker user of its own, and senders are proven; "
        "`shared`: all are the same user, and nobody's word is proven.",
    )


def read_settings(kind: type[T], environment: Mapping[str, str] | None = None, **given: Any) -> T:
    """Settings from the environment; BadInput lists every unknown, missing or wrong one.

    `environment`: for tests; the process's own when it is left out.
    """
    env = os.environ if environment is None else environment
    prefix = str(kind.model_config.get("env_prefix", ""))
    known = set(kind.model_fields)
    problems: list[str] = []
    values = _for_all(known, env, problems)
    for variable, text in env.items():
        if not variable.startswith(prefix) or prefix == FOR_ALL or variable in OF_COMMANDS:
            continue
        name = variable.removeprefix(prefix).lower()
        if name.endswith("_file") and name.removesuffix("_file") in known:
            values[name.removesuffix("_file")] = _from_file(variable, text, problems)
        elif name not in known:
            valid = ", ".join(sorted(f"{prefix}{each.upper()}" for each in known))
            problems.append(UNKNOWN.format(variable=variable, valid=valid))
        else:
            values[name] = text
    try:
        if problems:
            raise BadInput("\n".join(problems))
        return kind(**(values | given))
    except ValidationError as error:
        raise BadInput("\n".join(problems + wrong(error, prefix))) from None


def wrong(error: ValidationError, prefix: str) -> list[str]:
    """One line for each setting that is missing or wrong, named by its variable."""
    return [
        f"{prefix}{'_'.join(map(str, each['loc'])).upper()}: "
        + (NOT_SET if each["type"] == "missing" else each["msg"].removeprefix("Value error, "))
        for each in error.errors(include_input=False, include_url=False)
    ]


def _for_all(known: set[str], env: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """What is set for every service."""
    values: dict[str, Any] = {}
    for name in SHARED:
        variable = f"{FOR_ALL}{name.upper()}"
        if name not in known:
            continue
        if f"{variable}_FILE" in env:
            file = f"{variable}_FILE"
            values[name] = _from_file(file, env[file], problems)
        if variable in env:
            values[name] = env[variable]
    return values


def _from_file(variable: str, path: str, problems: list[str]) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(UNREADABLE.format(variable=variable, path=path, why=error))
        return ""

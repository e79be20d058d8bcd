"""Every variable that the console reads."""

from pathlib import Path

from pydantic import Field

from shared.runtime.settings import BusSettings, settings_config

TOKEN = "console.token"  # noqa: S105 - the name of the file that holds it


class Settings(BusSettings):
    """`GATEFLEET_CONSOLE_…`."""

    model_config = settings_config("GATEFLEET_CONSOLE_")

    serve: bool = Field(
        default=True, description="False: it keeps the log, and nobody can ask it over HTTP."
    )
    host: str = Field(
        default="127.0.0.1",
        description="Where the JSON is served. Any other address than this machine's own is for "
        "those who put TLS in front of it: the token travels with every request.",
    )
    port: int = Field(
        default=0, ge=0, le=65_535, description="0: any free one, said in the log at start."
    )
    hosts: str = Field(
        default="",
        description="Names, joined by commas, by which it is asked beside its own address, as a "
        "proxy in front of it has them.",
    )
    token_file: Path | None = Field(
        default=None,
        description="The file with the token that every request bears; made, for this user's eyes "
        f"only, where there is none. By default `{TOKEN}` in the state folder.",
    )

    @property
    def token_path(self) -> Path:
        """Where the token lies."""
        return self.token_file or self.state / TOKEN

    @property
    def names(self) -> frozenset[str]:
        """By which names it may be asked for beside its own address."""
        return frozenset(each.strip().lower() for each in self.hosts.split(",") if each.strip())

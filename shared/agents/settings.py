"""The variables that every agent reads."""

from typing import Literal

from pydantic import Field, SecretStr

from shared.runtime.settings import BusSettings


class AgentSettings(BusSettings):
    """An agent reads repositories and runs programs that nobody trusts."""

    git_url: str = Field(
        default="https://github.com",
        description="The address below which repositories lie as `owner/name.git`.",
    )
    token: SecretStr | None = Field(
        default=None, description="A token that may read the repositories, and nothing else."
    )
    sandbox: Literal["auto", "bubblewrap", "process"] = Field(
        default="auto",
        description="Where tools, tests and engines run; `process` does not isolate, and is for "
        "trusted ones only.",
    )
    places: int = Field(default=2, ge=1, le=64, description="Runs carried out at one time.")

"""Every variable that the gatekeeper reads."""

from pydantic import Field, SecretStr

from shared.runtime.settings import BusSettings, settings_config

PREFIX = "GATEFLEET_GATEKEEPER_"


class Settings(BusSettings):
    """One repository, the only credential that may write to it, and how often is looked."""

    model_config = settings_config(PREFIX)

    repository: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)?$",
        description="`owner/name`, when it runs by itself.",
    )
    forge_url: str = Field(
        default="https://api.github.com", description="The root of the forge's REST API."
    )
    git_url: str = Field(
        default="https://github.com",
        description="The address below which repositories lie as `owner/name.git`.",
    )
    token: SecretStr | None = Field(
        default=None,
        description="The fleet's own token, the only one that may write, when it runs by itself.",
    )
    app_id: int | None = Field(
        default=None, description="The GitHub App, when the token is of one of its installations."
    )
    app_slug: str | None = Field(default=None, description="The same App's name in addresses.")
    unknown_run_s: float = Field(
        default=300.0, gt=0,
        description="How long a draft of a run that nobody dispatched is kept before it is refused, "
        "in seconds.",
    )  # fmt: skip
    reread_s: float = Field(
        default=300.0, gt=0,
        description="How often everything that live approvals rest on is read again, in seconds.",
    )  # fmt: skip
    reap_s: float = Field(
        default=3600.0, gt=0,
        description="How often branches of the fleet that nobody works on are looked for, and how "
        "long one stands before it is removed, in seconds.",
    )  # fmt: skip
    stop_s: float = Field(
        default=20.0, gt=0, le=20, description="How often the kill switch is looked at, in seconds."
    )
    write_spacing_s: float = Field(
        default=1.0, ge=0,
        description="The least between two writes, in seconds, as GitHub asks for; 0 on a forge of "
        "one's own.",
    )  # fmt: skip
    author_name: str = Field(
        default="", description="Name on the fleet's commits; empty: the login of its account."
    )
    author_email: str = Field(
        default="",
        description="Address on the fleet's commits; empty: the one that the forge keeps for the "
        "account.",
    )

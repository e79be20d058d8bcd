"""Every variable that `gatefleet up` and `gatefleet tick` read beside those of the services."""

from collections.abc import Iterator, Mapping

from pydantic import Field, SecretStr

from shared.errors import BadInput
from shared.runtime.settings import WatchedSettings, read_settings, settings_config

PREFIX = "GATEFLEET_FLEET_"
MEMORY = "memory://"
GITHUB_API, GITHUB, ENTERPRISE_API = "https://api.github.com", "https://github.com", "/api/v3"

NO_REPOSITORY = (
    f"{PREFIX}REPOSITORY: not set, and GATEFLEET_FORGE_URL names a forge elsewhere; name the one "
    "repository there as owner/name"
)
NO_FORGE = (
    f"{PREFIX}REPOSITORY: without GATEFLEET_FORGE_URL the embedded forge is used, which takes --repo; "
    "set GATEFLEET_FORGE_URL, or leave this out"
)
NO_TOKEN = (
    f"{PREFIX}TOKEN: writing to the forge needs the fleet's own token; set {PREFIX}TOKEN_FILE"
)
NO_READ_TOKEN = (
    f"{PREFIX}READ_TOKEN: agents read with a token that cannot write; set {PREFIX}READ_TOKEN_FILE"
)
SAME_TOKEN = (
    f"{PREFIX}READ_TOKEN: is the token that may write, which no agent may hold; "
    "make one that only reads"
)
NOT_MEMORY = (
    "GATEFLEET_BUS: all services of one process talk over memory://; leave it out, or start each "
    "service on that broker with `gatefleet run SERVICE`"
)


class Settings(WatchedSettings):
    """Which repository on which forge; without a forge's address the embedded one is used."""

    model_config = settings_config(PREFIX)

    bus: str = Field(default=MEMORY, repr=False, description="`memory://`, and nothing else.")
    forge_url: str = Field(
        default="",
        description="The root of a forge's REST API; empty: the embedded forge.",
    )
    git_url: str = Field(
        default="",
        description="The address below which repositories lie as `owner/name.git`; empty: that of the "
        "forge.",
    )
    repository: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)?$",
        description="`owner/name` on a forge elsewhere.",
    )
    token: SecretStr | None = Field(
        default=None, description="The fleet's own token, the only one that may write."
    )
    read_token: SecretStr | None = Field(
        default=None, description="A token that may read the repository, and nothing else."
    )
    app_id: int | None = Field(
        default=None, description="The GitHub App, when the token is of one of its installations."
    )
    app_slug: str | None = Field(default=None, description="The same App's name in addresses.")
    webhooks: bool = Field(
        default=False,
        description="True: github-ingest listens for the forge's deliveries as its own settings say; "
        "otherwise polling tells what happens.",
    )

    @property
    def git_root(self) -> str:
        """The address below which repositories lie: GitHub's is another than that of its REST API."""
        if self.git_url:
            return self.git_url.rstrip("/")
        if self.forge_url.rstrip("/") == GITHUB_API:
            return GITHUB
        return self.forge_url.rstrip("/").removesuffix(ENTERPRISE_API)


def read_fleet(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the whole; BadInput says in a line each what is wrong or missing."""
    settings = read_settings(Settings, environment)
    problems = tuple(_problems(settings))
    if problems:
        raise BadInput("\n".join(problems))
    return settings


def _problems(settings: Settings) -> Iterator[str]:
    if settings.bus != MEMORY:
        yield NOT_MEMORY
    if not settings.forge_url:
        if settings.repository:
            yield NO_FORGE
        return
    if not settings.repository:
        yield NO_REPOSITORY
    if settings.token is None:
        yield NO_TOKEN
    if settings.read_token is None:
        yield NO_READ_TOKEN
    elif settings.token == settings.read_token:
        yield SAME_TOKEN

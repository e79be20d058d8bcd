"""Every variable that github-ingest reads: `GATEFLEET_GITHUB_INGEST_…`."""

from datetime import timedelta

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from services.github_ingest.signature import LEAST_SECRET_BYTES
from services.github_ingest.timetable import Pace
from shared.runtime.settings import BusSettings, settings_config

PREFIX = "GATEFLEET_GITHUB_INGEST_"

NO_SECRET = (
    f"webhooks need a secret of at least {LEAST_SECRET_BYTES} bytes; set {PREFIX}WEBHOOK_SECRET_FILE, "
    f"or {PREFIX}WEBHOOKS=false to poll only"
)
SHORT = f"it has less than {LEAST_SECRET_BYTES} bytes; make one with `openssl rand -hex 32`"

WITH_WEBHOOKS_S, WITHOUT_WEBHOOKS_S = 300.0, 60.0


class Settings(BusSettings):
    """One repository, how it is reached, and how often it is looked at."""

    model_config = settings_config(PREFIX)

    repository: str = Field(
        pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", description="`owner/name`."
    )
    forge_url: str = Field(
        default="https://api.github.com", description="The root of the forge's REST API."
    )
    token: SecretStr | None = Field(
        default=None, description="A token that may read the repository, and nothing else."
    )
    app_id: int | None = Field(
        default=None, description="The GitHub App, when the token is of one of its installations."
    )
    app_slug: str | None = Field(default=None, description="The same App's name in addresses.")
    hook_id: int | None = Field(
        default=None,
        description="The repository's webhook, when failed deliveries are to be sent again.",
    )
    webhooks: bool = Field(
        default=True, description="False: nothing listens, and polling alone tells what happens."
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        validate_default=True,
        description="What deliveries are signed with; at least 32 bytes.",
    )
    webhook_secret_before: SecretStr | None = Field(
        default=None, description="The secret before, accepted while a rotation lasts."
    )
    installation_id: int | None = Field(
        default=None, description="If set, deliveries of other installations are refused."
    )
    host: str = Field(default="127.0.0.1", description="Where the webhook listens.")
    port: int = Field(default=8310, ge=0, le=65_535, description="0: any free one.")
    body_limit_bytes: int = Field(
        default=3 * 1024 * 1024,
        ge=1024,
        le=25 * 1024 * 1024,
        description="The largest delivery that is taken.",
    )
    poll_s: float | None = Field(
        default=None,
        gt=0,
        description="Seconds between polls; by default 300 with webhooks and 60 without.",
    )
    poll_idle_s: float = Field(
        default=900.0, gt=0, description="Seconds between polls when nothing happens for long."
    )
    reconcile_s: float = Field(
        default=3600.0, gt=0, description="Seconds between two looks at everything that is open."
    )
    recover_s: float = Field(
        default=600.0, gt=0, description="Seconds between two looks for deliveries that failed."
    )

    @field_validator("webhook_secret", "webhook_secret_before")
    @classmethod
    def _holds(cls, secret: SecretStr | None, others: ValidationInfo) -> SecretStr | None:
        if not others.data.get("webhooks", True):
            return secret
        if secret is None and others.field_name == "webhook_secret":
            raise ValueError(NO_SECRET)
        if secret is not None and len(secret.get_secret_value().encode()) < LEAST_SECRET_BYTES:
            raise ValueError(SHORT)
        return secret

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """The webhook secrets that are accepted, at most two."""
        both = (self.webhook_secret, self.webhook_secret_before)
        return tuple(each.get_secret_value().encode() for each in both if each is not None)

    @property
    def pace(self) -> Pace:
        """How often to poll, reconcile and recover."""
        usual = self.poll_s or (WITH_WEBHOOKS_S if self.webhooks else WITHOUT_WEBHOOKS_S)
        return Pace(
            poll=timedelta(seconds=usual),
            idle=timedelta(seconds=max(self.poll_idle_s, usual)),
            reconcile=timedelta(seconds=self.reconcile_s),
            recover=timedelta(seconds=self.recover_s) if self.webhooks else None,
        )

"""Every variable that the scheduler reads."""

from pydantic import Field

from shared.runtime.settings import BusSettings, settings_config


class Settings(BusSettings):
    """`GATEFLEET_SCHEDULER_…`."""

    model_config = settings_config("GATEFLEET_SCHEDULER_")

    tick_s: float = Field(
        default=1.0,
        gt=0,
        description="How often leases and the schedule are looked at, in seconds.",
    )
    propose_at_start: bool = Field(
        default=False,
        description="Ask for proposals as soon as a repository is seen, not only on its schedule.",
    )
    concurrent_runs: int = Field(
        default=6,
        ge=1,
        le=1000,
        description="Runs of all repositories together at one time; each repository's own limit "
        "is in its policy.",
    )

"""Every variable that the stack as a whole reads, in compose.yaml and here: `GATEFLEET_STACK_…`."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from shared.runtime.settings import settings_config

PREFIX = "GATEFLEET_STACK_"
EMBEDDED = "http://local-forge:8300"
"""The forge of the stack, as its services reach it."""


class Settings(BaseSettings):
    """What is published where, which images run, and where the broker and the forge are."""

    model_config = settings_config(PREFIX)

    pages_port: int = Field(
        default=8300, ge=1, le=65_535,
        description="Port of the forge's pages on 127.0.0.1.",
    )  # fmt: skip
    console_port: int = Field(
        default=8320, ge=1, le=65_535, description="Port of the console on 127.0.0.1."
    )
    amqp_port: int = Field(
        default=5672, ge=1, le=65_535,
        description="Port of the broker on 127.0.0.1, with `compose/laptop.yaml` only.",
    )  # fmt: skip
    repository: str = Field(
        default="sample/stockroom",
        pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$",
        description="`owner/name` of the one repository; made in the stack's forge from the sample.",
    )
    forge_url: str = Field(
        default=EMBEDDED, description="The root of the REST API of the forge that is worked on."
    )
    git_url: str = Field(
        default=EMBEDDED,
        description="The address below which repositories lie as `owner/name.git`.",
    )
    propose_at_start: bool = Field(
        default=True,
        description="Look for something to propose as soon as the stack starts, not only on schedule.",
    )
    write_spacing_s: float = Field(
        default=0.0, ge=0,
        description="The least between two writes to the forge; 1 with `compose/forge-elsewhere.yaml`.",
    )  # fmt: skip
    broker: str = Field(
        default="amqp://rabbitmq:5672/",
        pattern=r"^amqps?://[^/@]+(/[^/]*)?$",
        description="The broker without user and password, with `compose/broker-elsewhere.yaml`.",
    )
    database: Literal["sqlite", "postgresql"] = Field(
        default="sqlite",
        description="`postgresql` with `compose/postgres.yaml`: a user and a schema for each service.",
    )
    image: str = Field(default="gatefleet:local", description="The image of every service.")
    python_image: str = Field(default="python:3.12-slim", description="What it is built from.")
    rabbitmq_image: str = Field(default="rabbitmq:4-management", description="The broker's image.")
    postgres_image: str = Field(default="postgres:17", description="The database's image.")
    secrets: Path = Field(
        default=Path("/secrets"), description="Where the volumes with secrets are, for set-up only."
    )

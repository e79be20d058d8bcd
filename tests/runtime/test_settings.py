"""Settings from the environment: one line for each that is wrong; what is set for all services."""

from pathlib import Path
from typing import Self

import pytest
from pydantic import Field, SecretStr, field_validator

from shared.errors import BadInput
from shared.runtime.settings import BusSettings, read_settings, settings_config


class Settings(BusSettings):
    """A service's own."""

    model_config = settings_config("GATEFLEET_TRIED_")

    forge_url: str = "https://api.github.com"
    token: SecretStr | None = None
    repository: str = Field(pattern=r"^\w+/\w+$")

    @field_validator("forge_url")
    @classmethod
    def _https(cls: type[Self], url: str) -> str:
        if not url.startswith("http"):
            raise ValueError("an address begins with http")
        return url


def read(**environment: str) -> Settings:
    return read_settings(Settings, {"GATEFLEET_TRIED_REPOSITORY": "o/h", **environment})


def refused(environment: dict[str, str]) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read_settings(Settings, environment)
    return str(caught.value).splitlines()


def test_what_is_set_for_all_holds_for_each() -> None:
    found = read(
        GATEFLEET_STATE="/s",
        GATEFLEET_BUS="amqp://b",
        GATEFLEET_FORGE_URL="http://f",
        GATEFLEET_BUS_IDENTITY="shared",
    )

    assert (found.state, found.bus, found.forge_url) == (Path("/s"), "amqp://b", "http://f")
    assert found.bus_identity == "shared"


def test_a_services_own_variable_wins() -> None:
    found = read(GATEFLEET_BUS="amqp://b", GATEFLEET_TRIED_BUS="amqp://own")

    assert found.bus == "amqp://own"


def test_nothing_else_is_set_for_all() -> None:
    assert read(GATEFLEET_TOKEN="t", GATEFLEET_INSTANCE="9").token is None


def test_the_broker_can_come_from_a_file_and_is_shown_nowhere(tmp_path: Path) -> None:
    (tmp_path / "bus").write_text("amqp://me:s3cret@b/\n")

    found = read(GATEFLEET_BUS_FILE=str(tmp_path / "bus"))

    assert found.bus == "amqp://me:s3cret@b/"
    assert "s3cret" not in repr(found)


def test_what_is_wrong_is_said_in_a_line_each_without_pydantics_words() -> None:
    said = refused({"GATEFLEET_FORGE_URL": "ftp://f", "GATEFLEET_TRIED_BUS_IDENTITY": "none"})

    assert said == [
        "GATEFLEET_TRIED_BUS_IDENTITY: Input should be 'own' or 'shared'",
        "GATEFLEET_TRIED_FORGE_URL: an address begins with http",
        "GATEFLEET_TRIED_REPOSITORY: not set, and there is no default; set it",
    ]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    [said] = refused(
        {
            "GATEFLEET_TRIED_REPOSITORY": "o/h",
            "GATEFLEET_TRIED_TOKEN_FILE": str(tmp_path / "none"),
        }
    )

    assert said.startswith(f"GATEFLEET_TRIED_TOKEN_FILE: {tmp_path / 'none'} cannot be read")


def test_an_unknown_variable_lists_those_that_are_known() -> None:
    [said] = refused({"GATEFLEET_TRIED_REPOSITORY": "o/h", "GATEFLEET_TRIED_TOKNE": "t"})

    assert said.startswith("GATEFLEET_TRIED_TOKNE: unknown; valid here: GATEFLEET_TRIED_BUS, ")

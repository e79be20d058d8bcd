"""Every variable of every service is on the page, and nothing of this machine is."""

import os
from pathlib import Path

import pytest

from services.docs.settings_page import Variables, everything, settings_page
from shared.bus.described import field_words

PAGE = settings_page()
SERVICES = everything()
SELF_EVIDENT = {
    "GATEFLEET_LOCAL_FORGE_HOST": "its class says: where it listens",
    "GATEFLEET_LOCAL_FORGE_PORT": "its class says: where it listens",
}


@pytest.mark.parametrize("of", SERVICES, ids=lambda of: of.service)
def test_every_variable_is_described(of: Variables) -> None:
    words = field_words(of.kind)
    for field in of.kind.model_fields:
        variable = f"{of.prefix}{field.upper()}"
        [row] = [line for line in PAGE.splitlines() if f"`{variable}`" in line]
        assert f"| {words[field].replace('|', chr(92) + '|')} |" in row
        assert words[field] or variable in SELF_EVIDENT, f"{variable}: say what it means"


@pytest.mark.parametrize("of", SERVICES, ids=lambda of: of.service)
def test_a_prefix_names_its_service(of: Variables) -> None:
    assert of.prefix == f"GATEFLEET_{of.service.upper().replace('-', '_')}_"


def test_a_secret_can_come_from_a_file() -> None:
    assert "`GATEFLEET_PM_AGENT_TOKEN` (or `GATEFLEET_PM_AGENT_TOKEN_FILE`)" in PAGE


def test_every_service_that_has_settings_is_there_once() -> None:
    services = Path(__file__).parents[2] / "services"
    folders = sorted(path.parent.name.replace("_", "-") for path in services.glob("*/settings.py"))
    assert folders == [of.service for of in SERVICES]


def test_nothing_of_this_machine_is_named() -> None:
    assert os.getcwd() not in PAGE
    assert str(Path.home() / ".local") not in PAGE

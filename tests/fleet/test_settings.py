"""What `up` and `tick` are told by the environment, and what they say when it is not enough."""

from collections.abc import Mapping

import pytest

from services.fleet.settings import read_fleet
from shared.errors import BadInput

ELSEWHERE = {
    "GATEFLEET_FORGE_URL": "https://forge.example", "GATEFLEET_FLEET_REPOSITORY": "octo/hello",
    "GATEFLEET_FLEET_TOKEN": "w", "GATEFLEET_FLEET_READ_TOKEN": "r",
}  # fmt: skip


def without(*names: str) -> dict[str, str]:
    """A forge elsewhere, with less than it needs."""
    return {name: value for name, value in ELSEWHERE.items() if name not in names}


def test_without_anything_it_is_the_embedded_forge() -> None:
    assert read_fleet({}).forge_url == ""


@pytest.mark.parametrize(
    ("forge", "git"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://github.example/api/v3", "https://github.example"),
        ("http://127.0.0.1:8300/", "http://127.0.0.1:8300"),
    ],
)
def test_repositories_lie_where_the_forge_keeps_them(forge: str, git: str) -> None:
    assert read_fleet(ELSEWHERE | {"GATEFLEET_FORGE_URL": forge}).git_root == git


def test_another_place_for_git_can_be_said() -> None:
    said = {"GATEFLEET_FLEET_GIT_URL": "https://git.example/"}
    assert read_fleet(ELSEWHERE | said).git_root == "https://git.example"


@pytest.mark.parametrize(
    ("environment", "lines"),
    [
        (without("GATEFLEET_FLEET_REPOSITORY"), ["GATEFLEET_FLEET_REPOSITORY: not set, and"]),
        (
            without("GATEFLEET_FLEET_TOKEN", "GATEFLEET_FLEET_READ_TOKEN"),
            ["GATEFLEET_FLEET_TOKEN: writing to", "GATEFLEET_FLEET_READ_TOKEN: agents read with"],
        ),
        (
            ELSEWHERE | {"GATEFLEET_FLEET_READ_TOKEN": "w"},
            ["GATEFLEET_FLEET_READ_TOKEN: is the token that may write, which no agent may hold"],
        ),
        (
            without("GATEFLEET_FORGE_URL"),
            ["GATEFLEET_FLEET_REPOSITORY: without GATEFLEET_FORGE_URL the embedded forge is used"],
        ),
        (
            {"GATEFLEET_BUS": "amqp://broker/"},
            ["GATEFLEET_BUS: all services of one process talk over memory://"],
        ),
        ({"GATEFLEET_FLEET_TOKN": "x"}, ["GATEFLEET_FLEET_TOKN: unknown; valid here: "]),
    ],
)
def test_what_is_missing_or_wrong_is_a_line_each(
    environment: Mapping[str, str], lines: list[str]
) -> None:
    with pytest.raises(BadInput) as caught:
        read_fleet(environment)

    said = str(caught.value).splitlines()
    assert len(said) == len(lines)
    assert all(line.startswith(start) for line, start in zip(said, lines, strict=True))
    assert "broker" not in str(caught.value) or "amqp" not in str(caught.value)

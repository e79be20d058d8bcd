"""What an example needs to run: the wheel of the messages, beside the tools of this environment."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.examples.running import Example, start
from tests.packages.wheel import clone, installed, wheel
from tests.services_at_hand import amqp_vhost

__all__ = ["amqp_vhost"]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `gatefleet_messages` as its wheel has it."""
    folder = tmp_path_factory.mktemp("examples")
    return installed(wheel(clone(folder / "clone"), folder / "out"), folder / "site")


@pytest.fixture
def example(site: Path, tmp_path: Path) -> Iterator[Callable[..., Example]]:
    """Starts an example of docs/examples by its name, and stops it at the end."""
    started: list[Example] = []

    def begin(name: str, *arguments: str) -> Example:
        started.append(start(name, arguments, site=site, folder=tmp_path))
        return started[-1]

    yield begin
    for each in started:
        each.stop()

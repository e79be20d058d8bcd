"""Fixtures: pm-agent's desk around an empty origin."""

from pathlib import Path

import pytest

from tests.git.making import Repo
from tests.pm_agent.runs import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, Repo(tmp_path / "origin.git"))

"""Fixtures: an origin, and a scratch folder."""

import os
import shutil
from pathlib import Path

import pytest

from tests.git.making import Repo
from tests.git.taking import BASE

NO_GIT = "git is not installed"


@pytest.fixture(autouse=True)
def _needs_git() -> None:
    if shutil.which("git") is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_GIT)
        pytest.skip(NO_GIT)


@pytest.fixture
def origin(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "origin.git")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def agent(tmp_path: Path, origin: Repo) -> tuple[Repo, str]:
    """The agent's own repository, a copy of the origin, and the base in both."""
    base = origin.commit(BASE)
    repo = Repo(tmp_path / "agent.git")
    assert repo.commit(BASE) == base
    return repo, base

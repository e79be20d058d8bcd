"""Fixtures: a bench around an empty repository."""

import os
import shutil
from pathlib import Path

import pytest

from tests.dev_agent.runs import Bench
from tests.git.making import Repo

NO_GIT = "git is not installed"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A repository without commits, and everything to work on it."""
    if shutil.which("git") is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_GIT)
        pytest.skip(NO_GIT)
    return Bench(Repo(tmp_path / "origin.git"), tmp_path)

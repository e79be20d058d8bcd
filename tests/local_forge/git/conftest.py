"""A source repository written by the git CLI, and a bare one made from it."""

import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.local_forge.git.facts import Signature
from services.local_forge.git.repositories import BareRepository

WHEN = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
WHO = Signature("You", "you@example.org", WHEN)


@dataclass(frozen=True)
class Source:
    """A working repository of the test's."""

    path: Path

    def git(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run git there, with nothing of the machine's configuration."""
        return run(self.path, *arguments, check=check)

    def commit(self, message: str, **files: bytes | None) -> str:
        """Write files (`None` removes) by name, commit, and answer the SHA."""
        return self.commit_files(message, dict(files))

    def commit_files(self, message: str, files: dict[str, bytes | None]) -> str:
        """As `commit`, for names that are no Python words."""
        for name, content in files.items():
            place = self.path / name
            if content is None:
                place.unlink()
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
        self.git("add", "-A")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").stdout.strip()


def run(place: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """`git ARGUMENTS` in `place`."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Writer",
        "GIT_AUTHOR_EMAIL": "writer@example.org",
        "GIT_COMMITTER_NAME": "Writer",
        "GIT_COMMITTER_EMAIL": "writer@example.org",
        "GIT_AUTHOR_DATE": "2030-01-01T10:00:00+00:00",
        "GIT_COMMITTER_DATE": "2030-01-01T10:00:00+00:00",
    }
    return subprocess.run(
        ["git", *arguments],
        cwd=place,
        env=environment,
        check=check,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """A repository with one commit on `main`."""
    made = Source(tmp_path / "source")
    made.path.mkdir()
    made.git("init", "--quiet", "-bmain")
    made.commit_files("First", {"README.md": b"# Hello\n", "a.txt": b"one\ntwo\nthree\n"})
    return made


@pytest.fixture
async def bare(source: Source, tmp_path: Path) -> BareRepository:
    """The bare repository `octo/hello`, cloned from `source`."""
    repository = BareRepository(tmp_path / "git" / "octo" / "hello.git")
    await repository.clone_from(source.path)
    return repository


async def copied(source: Source, bare: BareRepository) -> None:
    """Bring what `source` has since got into `bare`."""
    source.git("push", "--quiet", "--mirror", str(bare.path))

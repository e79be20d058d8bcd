"""Taking in what an agent made, in tests: the agent's own repository and the way of its bundle."""

from datetime import UTC, datetime
from pathlib import Path

from shared.git.faults import Fault, Rejected
from shared.git.quarantine import Imported, import_bundle
from tests.git.making import Files, Repo, git, link

AT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
BASE: Files = {b"src/a.py": b"a = 1\n", b"README.md": b"hello\n", b"old": link("README.md")}


async def taken(
    origin: Repo, agent: tuple[Repo, str], scratch: Path, files: Files
) -> Imported | Rejected:
    repo, base = agent
    head = repo.commit({**BASE, **files}, parents=[base], branch=None)
    return await import_bundle(origin.git_dir, repo.bundle(base, head), base=base, scratch=scratch)


def faults(result: Imported | Rejected) -> set[Fault]:
    assert isinstance(result, Rejected), result
    return set(result.faults)


def pack_of(repo: Repo, shas: str) -> bytes:
    name = git(
        repo.git_dir, "pack-objects", "-q", str(repo.git_dir / "made"), input=shas.encode() + b"\n"
    )
    return (repo.git_dir / f"made-{name}.pack").read_bytes()

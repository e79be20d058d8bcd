"""Small repositories, as people have them, and a checksum that tells whether anything touched one."""

import hashlib
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

FAULTY = "import os\n\n\ndef one() -> int:\n    return 1\n"
TEST = "from thing import one\n\n\ndef test_one() -> None:\n    assert one() == 1\n"
POLICY = "proposals: {quota: 1, finders: [lint]}\ntest: {command: python -m pytest -q}\n"
FILES: Mapping[str, str] = {
    ".gatefleet.yml": POLICY, "thing.py": FAULTY, "test_thing.py": TEST,
}  # fmt: skip
_ENVIRONMENT = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
}  # fmt: skip


def git(folder: Path, *args: str) -> str:
    """Git in that folder, with nobody's configuration."""
    ran = subprocess.run(
        ["git", "-C", folder, *args], env=_ENVIRONMENT, check=True, capture_output=True
    )
    return ran.stdout.decode().strip()


def repository(folder: Path, files: Mapping[str, str] = FILES, *, branch: str = "main") -> Path:
    """A repository with one commit of these files, or without any if there are none."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", f"--initial-branch={branch}")
    for path, text in files.items():
        write(folder, path, text)
    if files:
        commit(folder)
    return folder


def write(folder: Path, path: str, text: str) -> None:
    """Write one file, and the folders that it needs."""
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")


def commit(folder: Path) -> str:
    """Commit everything that lies there; answers the id."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "As it stands")
    return git(folder, "rev-parse", "HEAD")


def checksum(folder: Path) -> str:
    """Of every name, mode and content below it, git's own files included."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=os.fsencode):
        seen = path.lstat()
        total.update(os.fsencode(path.relative_to(folder)) + f" {seen.st_mode} ".encode())
        if path.is_symlink():
            total.update(os.fsencode(os.readlink(path)))
        elif path.is_file():
            total.update(path.read_bytes())
    return total.hexdigest()

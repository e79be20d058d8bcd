"""Lock files of git: a git that was killed leaves its own, and every later one would refuse to go on."""

from pathlib import Path

_NAMES = ("packed-refs.lock", "HEAD.lock", "config.lock", "shallow.lock")


def remove_stale_locks(git_dir: Path) -> None:
    """To be called by whoever alone writes there, while none of its gits runs."""
    for name in _NAMES:
        (git_dir / name).unlink(missing_ok=True)
    for stale in (git_dir / "refs").rglob("*.lock"):
        stale.unlink(missing_ok=True)

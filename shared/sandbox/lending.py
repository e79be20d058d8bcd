"""Handing a workspace to the sandbox's user, and taking it back as what it then is: hostile data.

Only called while nothing of a sandbox runs in it, so there is nobody to race with. No link is ever
followed, and no mode that a program set for itself survives.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

from shared.errors import BadInput

NO_FOLDER = "{}: no such folder; give the workspace that the command is to work in"


def measure(workspace: Path) -> tuple[int, int]:
    """Bytes and entries below `workspace`. Raises BadInput where it is no folder."""
    if not workspace.is_dir():
        raise BadInput(NO_FOLDER.format(workspace))
    size = entries = 0
    for _, folders, files, at in os.fwalk(workspace, follow_symlinks=False):
        entries += len(folders) + len(files)
        for name in (*folders, *files):
            size += os.stat(name, dir_fd=at, follow_symlinks=False).st_blocks * 512
    return size, entries


def lend(workspace: Path, user: int) -> None:
    """Give everything in it to `user` (root only)."""
    for _, folders, files, at in os.fwalk(workspace, follow_symlinks=False):
        for name in (*folders, *files):
            os.chown(name, user, user, dir_fd=at, follow_symlinks=False)
    os.chown(workspace, user, user, follow_symlinks=False)


def take_back(workspace: Path) -> None:
    """Make everything in it ours, readable, and without setuid, setgid or sticky bits."""
    top = os.open(workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        _claim(top, ".")
    finally:
        os.close(top)
    # Top-down and each folder mended before it is entered: one of mode 000 would else hide its own.
    for _, folders, files, at in os.fwalk(workspace, topdown=True, follow_symlinks=False):
        for name in (*folders, *files):
            with suppress(FileNotFoundError):
                _claim(at, name)


def _claim(at: int, name: str) -> None:
    """Owner and mode of one entry of the open folder `at`."""
    user, group = os.geteuid(), os.getegid()
    found = os.stat(name, dir_fd=at, follow_symlinks=False)
    if (found.st_uid, found.st_gid) != (user, group):
        os.chown(name, user, group, dir_fd=at, follow_symlinks=False)
    if stat.S_ISLNK(found.st_mode):
        return  # its mode means nothing, and setting it would reach the target
    mode = stat.S_IMODE(found.st_mode) & 0o777
    mode |= 0o700 if stat.S_ISDIR(found.st_mode) else 0o600
    if mode != stat.S_IMODE(found.st_mode):
        os.chmod(name, mode, dir_fd=at)

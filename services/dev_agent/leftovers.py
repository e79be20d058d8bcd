"""A tree without what only the set-up made: build folders and lock files are no part of a change."""

import tempfile
from pathlib import Path

from shared.git.changes import ABSENT, ChangedFile
from shared.git.diff import changed
from shared.git.objects import raw
from shared.git.runner import Git


async def without_setup(
    git_dir: Path, start: str, prepared: str, after: str, *, scratch: Path | None = None
) -> str:
    """`after`, where what the set-up changed (`start` to `prepared`) and nobody touched since is
    as `start` has it. All are trees or commits of `git_dir`; the result is a tree. `scratch`:
    a folder of the caller's for what is needed meanwhile; None is the system's.
    """
    made = {_state(file): file for file in (await changed(git_dir, start, prepared)).files}
    now = {_state(file) for file in (await changed(git_dir, start, after)).files}
    undone = [file for state, file in made.items() if state in now]
    if not undone:
        return after
    # Removals come first: a file may have taken the place of a folder, or the reverse.
    undone.sort(key=lambda file: file.old_mode != ABSENT)
    listing = b"".join(
        b"%s %s\t%s\0" % (mode.encode(), file.old_blob.encode(), raw(file.path))
        for file in undone
        for mode in ("0" if file.new else file.old_mode,)
    )
    with tempfile.TemporaryDirectory(prefix="gatefleet-index-", dir=scratch) as folder:
        git, env = Git(git_dir), {"GIT_INDEX_FILE": f"{folder}/index"}
        await git.run("read-tree", after, env=env)
        await git.run("update-index", "-z", "--index-info", input=listing, env=env)
        return (await git.run("write-tree", env=env)).decode().strip()


def _state(file: ChangedFile) -> tuple[str, str, str]:
    return file.path, file.new_mode, file.new_blob

"""ruff on the base and on the merge, both times with the configuration of the base (I-26).

The merge is linted in the base's own tree with nothing but the change's Python files laid over it:
whatever else the change brings (a pyproject.toml, a file that it extends) is not there.
"""

import asyncio
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.qa_agent.gathering import LintEvidence, Suppression
from services.qa_agent.suppressing import added
from shared.checkers import run_ruff
from shared.git.changes import EXECUTABLE, ChangedFile, Diff
from shared.git.export import export
from shared.git.globs import among
from shared.git.objects import NO_OBJECT, blob_sizes, blobs, raw
from shared.messages.content import Brief
from shared.sandbox import Sandbox

SUFFIXES = (".py", ".pyi", ".ipynb")
PATHS_LIMIT = 2000
"""More files than this are linted by naming the top."""

_PLAIN = frozenset({"100644", EXECUTABLE})


@dataclass(frozen=True)
class Landing:
    """What a merge would change on the base."""

    git_dir: Path
    tip: str
    diff: Diff
    """From the tip to the merge."""

    @property
    def python(self) -> list[ChangedFile]:
        """Its Python files: those that are plain files on both sides where they are at all."""
        return [
            file
            for file in self.diff.files
            if file.path.endswith(SUFFIXES)
            and (file.new or file.old_mode in _PLAIN)
            and (file.gone or file.new_mode in _PLAIN)
        ]


async def linted(landing: Landing, brief: Brief, *, sandbox: Sandbox, folder: Path) -> LintEvidence:
    """Both runs of ruff, in `folder`, and the comments with which the change silences it."""
    git_dir, files = landing.git_dir, landing.python
    exported = await export(git_dir, landing.tip, folder)
    on_base = {path for path in exported.files if path.endswith(SUFFIXES)}
    on_merge = on_base - {f.path for f in files if f.gone} | {f.path for f in files if not f.gone}
    changed = {file.path for file in files}
    asked = {path for path in on_merge if brief.rules and _in(path, brief)}
    before = await run_ruff(sandbox, folder, _arguments((changed | asked) & on_base))
    contents = await _contents(git_dir, files)
    await asyncio.to_thread(_lay_over, folder, files, contents)
    now = await run_ruff(sandbox, folder, _arguments((changed | asked) & on_merge))
    moved = frozenset(file.path for file in files if file.new or file.gone)
    return LintEvidence(before, now, moved, tuple(_silenced(files, contents)))


def _in(path: str, brief: Brief) -> bool:
    return not brief.paths or among(path, brief.paths)


def _arguments(paths: set[str]) -> list[str]:
    return sorted(paths) if len(paths) <= PATHS_LIMIT else ["."]


async def _contents(git_dir: Path, files: list[ChangedFile]) -> Mapping[str, bytes]:
    wanted = {blob for file in files for blob in (file.old_blob, file.new_blob)} - {NO_OBJECT}
    sizes = await blob_sizes(git_dir, wanted)
    return {sha: content async for sha, content in blobs(git_dir, sizes)}


def _silenced(files: list[ChangedFile], contents: Mapping[str, bytes]) -> list[Suppression]:
    return [
        suppression
        for file in files
        if not file.gone
        for suppression in added(
            file.path, contents.get(file.old_blob, b""), contents[file.new_blob]
        )
    ]


def _lay_over(folder: Path, files: list[ChangedFile], contents: Mapping[str, bytes]) -> None:
    """Make the change's files those of `folder`, which only ruff has seen. No link is followed."""
    for file in sorted(files, key=lambda one: not one.gone):
        at = os.path.join(os.fsencode(folder), raw(file.path))
        if file.gone:
            os.unlink(at)
            continue
        _clear_way(os.fsencode(folder), raw(file.path))
        os.makedirs(os.path.dirname(at), exist_ok=True)
        with open(os.open(at, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW), "wb") as out:
            out.write(contents[file.new_blob])
            os.fchmod(out.fileno(), 0o644)


def _clear_way(root: bytes, path: bytes) -> None:
    """Remove what stands where the merge has something else: a link, a file, or a folder."""
    whole = os.path.join(root, path)
    if os.path.isdir(whole) and not os.path.islink(whole):
        shutil.rmtree(whole)
    at = root
    for part in path.split(b"/")[:-1]:
        at = os.path.join(at, part)
        if os.path.islink(at) or os.path.isfile(at):
            os.unlink(at)

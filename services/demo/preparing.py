"""Before anything starts: the repository to clone from, the sandbox, the folder for state."""

import asyncio
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from services.demo.options import Options
from services.demo.sample_repository import make_sample
from shared.clock import Clock
from shared.errors import BadInput
from shared.git.runner import require_git
from shared.sandbox import Sandbox, choose

OWNER = "local"
SAMPLE = "stockroom"
NOT_A_FOLDER = "{path}: there is no such folder; name a local git repository"
KEEP_TAKEN = "{path}: is not empty; name a new folder, or open it: gatefleet up --state {path}"
KEEP_INSIDE = "{path}: lies inside of {repo}, which is never written to; name another folder"
KEEP_FAILED = "{path}: cannot be made ({why}); name another folder"

_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_TEMPORARY = "gatefleet-demo-"


@dataclass
class Folder:
    """Where forge, fleet and log live while the demo runs."""

    path: Path
    stays: bool = False
    """It is kept from now on; until then it vanishes as if nothing had been started."""
    was_there: bool = False

    def put_away(self) -> None:
        """Remove it, unless it stays."""
        if self.stays:
            return
        shutil.rmtree(self.path, ignore_errors=True)
        if self.was_there:
            self.path.mkdir(mode=0o700, exist_ok=True)


def prepare_folder(options: Options) -> Folder:
    """The folder that `--keep` names, which must be new or empty; else one that vanishes."""
    if options.keep is None:
        return Folder(Path(tempfile.mkdtemp(prefix=_TEMPORARY)))
    path = options.keep.expanduser().resolve()
    try:
        was_there = path.exists()
        if was_there and (not path.is_dir() or any(path.iterdir())):
            raise BadInput(KEEP_TAKEN.format(path=options.keep))
        if options.repo is not None and path.is_relative_to(options.repo.expanduser().resolve()):
            raise BadInput(KEEP_INSIDE.format(path=options.keep, repo=options.repo))
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(KEEP_FAILED.format(path=options.keep, why=error.strerror)) from None
    return Folder(path, was_there=was_there)


async def prepare_source(options: Options, folder: Path) -> tuple[Path, str]:
    """The git repository to clone from, and the name it gets on the forge."""
    await require_git()
    if options.repo is None:
        return await make_sample(folder / "sample"), f"{OWNER}/{SAMPLE}"
    source = options.repo.expanduser().resolve()
    if not await asyncio.to_thread(source.is_dir):
        raise BadInput(NOT_A_FOLDER.format(path=options.repo))
    return source, name_of(source)


def name_of(source: Path) -> str:
    """The name that a local repository gets on the embedded forge."""
    name = _ODD.sub("-", source.name.removesuffix(".git")).strip("-.") or "repository"
    return f"{OWNER}/{name}"


async def prepare_sandbox(options: Options, clock: Clock) -> Sandbox:
    """`process` by itself only for the sample's own tools; for anything else it must be asked for."""
    allowed = options.repo is None or options.sandbox == "process"
    return await choose(options.sandbox, process_allowed=allowed, clock=clock)

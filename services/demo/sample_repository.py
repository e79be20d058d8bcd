"""The bundled sample: a small library with real faults, made into a git repository of its own."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.errors import BadInput
from shared.git.commits import Person, Signers, make_commit
from shared.git.runner import Git, Setting

NOT_EMPTY = "{folder}: is not empty; name a folder that does not exist yet"

SAMPLE = Path(__file__).with_name("sample")
BRANCH = "main"
HISTORY: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Items and stock",
        (
            ".gitignore",
            "README.md",
            "pyproject.toml",
            "stockroom/__init__.py",
            "stockroom/items.py",
            "tests/test_items.py",
        ),
    ),
    (
        "Orders and price lists",
        (
            "stockroom/orders.py",
            "stockroom/prices.py",
            "tests/test_orders.py",
            "tests/test_prices.py",
        ),
    ),
    (
        "Evening report, changelog and the fleet's policy",
        (".gatefleet.yml", "CHANGELOG.md", "stockroom/report.py", "tests/test_report.py"),
    ),
)
"""Each commit's message and the files that it adds: together all files of the sample."""

_AUTHOR = Person("Gatefleet sample", "sample@gatefleet.invalid")
_FIRST_COMMIT_AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


async def make_sample(folder: Path) -> Path:
    """Make `folder` the sample repository, on branch `main`, and return it.

    Its commits have the same ids wherever and whenever it is made. Raises BadInput for a folder
    that has something in it, and what git's failures raise.
    """
    await asyncio.to_thread(_open, folder)
    git = Git(folder / ".git", subject="the sample repository")
    ours = Setting(work_tree=folder)
    await git.call(
        *("init", "--quiet", "--template=", "--object-format=sha1", f"--initial-branch={BRANCH}"),
        setting=ours,
    )
    parents: tuple[str, ...] = ()
    for number, (message, paths) in enumerate(HISTORY):
        await asyncio.to_thread(_copy, paths, folder)
        await git.call("add", "--force", "--", *paths, setting=ours)
        tree = (await git.call("write-tree", setting=ours)).out.decode().strip()
        commit = await make_commit(
            git.git_dir,
            tree,
            parents,
            message=f"{message}\n",
            at=_FIRST_COMMIT_AT + timedelta(days=number),
            by=Signers(_AUTHOR, _AUTHOR),
        )
        parents = (commit,)
    await git.run("update-ref", f"refs/heads/{BRANCH}", *parents)
    return folder


def _open(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise BadInput(NOT_EMPTY.format(folder=folder))


def source(path: str) -> Path:
    """Where the file that is called `path` in the sample repository lies in this distribution.

    Names with a dot in front are kept as `dot-…`: packaging leaves hidden files out.
    """
    return SAMPLE / (f"dot-{path[1:]}" if path.startswith(".") else path)


def _copy(paths: tuple[str, ...], folder: Path) -> None:
    for path in paths:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        # Bytes without the source's mode: an installed package may have any, and ids must not move.
        target.write_bytes(source(path).read_bytes())
        target.chmod(0o644)

"""Objects by their ids: what they are, how large, and their content. Ids are 40 hex digits."""

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.git.failures import GitBadInput
from shared.git.runner import Git

NOT_AN_ID = "{value!r}: not an object id; hand in 40 lower-case hex digits"
NO_SUCH = "{sha}: no such {kind} in {where}; fetch first"

NO_OBJECT = "0" * 40
BATCH_BYTES = 32 * 1024 * 1024
_BATCH_OBJECTS = 4096
_SHA = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class TreeEntry:
    """One path of a tree. `path` decodes bytes that are not UTF-8 by surrogateescape."""

    mode: str
    kind: str
    sha: str
    size_bytes: int
    path: str


def require_sha(value: str) -> str:
    """`value` if it is an object id; raises GitBadInput. No other name ever reaches git."""
    if not _SHA.fullmatch(value):
        raise GitBadInput(NOT_AN_ID.format(value=value[:80]))
    return value


def text(raw: bytes) -> str:
    """A path as text that keeps every byte (surrogateescape)."""
    return raw.decode("utf-8", "surrogateescape")


def raw(path: str) -> bytes:
    """The bytes behind `text`."""
    return path.encode("utf-8", "surrogateescape")


async def kind_of(git_dir: Path, sha: str) -> str | None:
    """`commit`, `tree`, `blob` or `tag`; None when there is no such object here."""
    asked = f"{require_sha(sha)}\n".encode()
    answer = (await Git(git_dir).run("cat-file", "--batch-check", input=asked)).split()
    return None if answer[-1:] == [b"missing"] else answer[1].decode()


async def require_commit(git_dir: Path, sha: str) -> str:
    """`sha` if it is a commit that is here; raises GitBadInput otherwise."""
    if await kind_of(git_dir, sha) != "commit":
        raise GitBadInput(NO_SUCH.format(sha=sha, kind="commit", where=git_dir.name))
    return sha


async def tree_of(git_dir: Path, commit: str) -> str:
    """The id of a commit's tree."""
    out = await Git(git_dir).run("rev-parse", "--verify", f"{require_sha(commit)}^{{tree}}")
    return out.decode().strip()


async def entries(git_dir: Path, treeish: str) -> list[TreeEntry]:
    """Every path of a commit or tree, in git's order; submodules are of kind `commit`, size 0."""
    out = await Git(git_dir).run("ls-tree", "-r", "-l", "-z", "--full-tree", require_sha(treeish))
    found = []
    for line in out.split(b"\0")[:-1]:
        facts, path = line.split(b"\t", 1)
        mode, kind, sha, size = facts.decode().split()
        found.append(TreeEntry(mode, kind, sha, 0 if size == "-" else int(size), text(path)))
    return found


async def blob_sizes(git_dir: Path, shas: Iterable[str]) -> dict[str, int]:
    """Size in bytes of each blob; raises GitBadInput for one that is not here."""
    wanted = sorted(set(shas))
    asked = "".join(f"{require_sha(sha)}\n" for sha in wanted).encode()
    if not wanted:
        return {}
    out = await Git(git_dir).run("cat-file", "--batch-check", input=asked)
    sizes: dict[str, int] = {}
    for line in out.decode().splitlines():
        sha, *facts = line.split()
        if len(facts) != 2:
            raise GitBadInput(NO_SUCH.format(sha=sha, kind="blob", where=git_dir.name))
        sizes[sha] = int(facts[1])
    return sizes


async def blobs(git_dir: Path, sizes: Mapping[str, int]) -> AsyncIterator[tuple[str, bytes]]:
    """The content of each blob (id → size), read in batches so that little is held at a time."""
    batch: list[str] = []
    held = 0
    for sha, size in sorted(sizes.items()):
        if batch and (held + size > BATCH_BYTES or len(batch) == _BATCH_OBJECTS):
            for pair in await _read(git_dir, batch, held):
                yield pair
            batch, held = [], 0
        batch.append(sha)
        held += size
    for pair in await _read(git_dir, batch, held):
        yield pair


async def _read(git_dir: Path, shas: list[str], size_bytes: int) -> list[tuple[str, bytes]]:
    if not shas:
        return []
    asked = "".join(f"{require_sha(sha)}\n" for sha in shas).encode()
    limit = size_bytes + 100 * len(shas)  # a header line for each
    ran = await Git(git_dir).call("cat-file", "--batch", input=asked, limit_bytes=limit)
    found, at = [], 0
    while at < len(ran.out):
        end = ran.out.index(b"\n", at)
        sha, *facts = ran.out[at:end].decode().split()
        if len(facts) != 2:
            raise GitBadInput(NO_SUCH.format(sha=sha, kind="blob", where=git_dir.name))
        start, size = end + 1, int(facts[1])
        found.append((sha, ran.out[start : start + size]))
        at = start + size + 1
    return found

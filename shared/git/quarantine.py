"""A bundle from an agent, taken in as data: into a fresh bare repository that only borrows the base.

Nothing of the bundle reaches a repository of the fleet before it passed every check here, and then
only the objects of the checked tree do: no commit, ref, message or extra blob of the agent's.
"""

import asyncio
import hashlib
import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from shared.git.bundles import MOST_INFLATED_BYTES, Header, pack_fault, read_header
from shared.git.failures import GitBadInput
from shared.git.faults import Fault, Reason, Rejected
from shared.git.inspection import inspect
from shared.git.merging import is_ancestor
from shared.git.objects import NO_OBJECT, kind_of, require_commit, require_sha, tree_of
from shared.git.repository import init_bare, lend, quoted
from shared.git.runner import STDERR_KEPT_BYTES, Git, Ran, Setting
from shared.git.snapshot import DRAFT_REF

HARD_LIMIT_BYTES = 6 * 1024 * 1024
_FSCK_LINE = re.compile(rb"^(?:error|warning) in (\w+) ([0-9a-f]{40}): (\w+)", re.MULTILINE)
_FSCK_MISSING = 2  # exit bit: objects that are only in the base are not here
_CHECKED_REF = "refs/quarantine/change"


@dataclass(frozen=True)
class Imported:
    """A change that passed: its tree, the agent's commit that carried it, and where both lie.

    `executables`: files that are new as executable, for people to see.
    """

    tree: str
    commit: str
    base: str
    git_dir: Path
    executables: tuple[str, ...] = ()


async def import_bundle(
    source_git_dir: Path,
    bundle: bytes,
    *,
    base: str,
    scratch: Path,
    merged: str | None = None,
    limit_bytes: int = HARD_LIMIT_BYTES,
) -> Imported | Rejected:
    """Take `bundle`, which must stand on `base`, into a new repository below `scratch`.

    With `merged`, the moved base, it must stand on both, and what is as `merged` has it is not
    looked at again. `source_git_dir` holds them and is only read. Doing it again gives the same.
    The caller ends an `Imported` with `discard`; a `Rejected` leaves nothing behind.
    """
    on = (base,) if merged is None else (base, merged)
    for sha in on:
        await require_commit(source_git_dir, sha)
    header = _accept(bundle, on, limit_bytes)
    if isinstance(header, Reason):
        return Rejected((header,))
    if fault := await asyncio.to_thread(pack_fault, bundle, header.pack_at):
        return Rejected((fault,))
    folder = scratch / f"quarantine-{hashlib.sha256(base.encode() + bundle).hexdigest()[:16]}.git"
    await _remove(folder)
    try:
        result = await _check(source_git_dir, folder, bundle[header.pack_at :], header, on)
    except BaseException:
        await _remove(folder)
        raise
    if isinstance(result, Rejected):
        await _remove(folder)
    return result


def _accept(bundle: bytes, on: tuple[str, ...], limit_bytes: int) -> Header | Reason:
    """The bundle's header when it is ours to look at: small enough, on the base, one ref."""
    if len(bundle) > limit_bytes:
        detail = f"{len(bundle)} bytes, at most {limit_bytes}"
        return Reason(Fault.BUNDLE_TOO_LARGE, detail=detail)
    header = read_header(bundle)
    if isinstance(header, Reason):
        return header
    if sorted(header.prerequisites) != sorted(on):
        return Reason(Fault.WRONG_BASE)
    if [name for name, _ in header.refs] != [DRAFT_REF]:
        return Reason(Fault.EXTRA_REFS, detail=f"{len(header.refs)} refs")
    return header


async def _check(
    source: Path, folder: Path, pack: bytes, header: Header, on: tuple[str, ...]
) -> Imported | Rejected:
    await init_bare(folder)
    commit = header.refs[0][1]
    # The base is lent by environment at first: fsck then reads what was handed in alone, not a
    # whole history each time.
    lent = Setting(env={"GIT_ALTERNATE_OBJECT_DIRECTORIES": quoted(source)})
    unpacking = ("index-pack", "--stdin", "--fix-thin")
    unpacked = await Git(folder).call(*unpacking, input=pack, setting=lent, ok=(0, 1, 128))
    if unpacked.code != 0:
        return Rejected((Reason(Fault.PACK_UNREADABLE),))
    findings = await _fsck(folder)
    lend(source, folder)
    if await kind_of(folder, commit) != "commit":
        return Rejected((Reason(Fault.NOT_A_COMMIT),))
    await Git(folder).run("update-ref", _CHECKED_REF, commit)
    if not all([await is_ancestor(folder, sha, commit) for sha in on]):
        return Rejected((Reason(Fault.WRONG_BASE),))
    listing = ("rev-list", "--objects", commit, *(f"^{sha}" for sha in on))
    whole = await Git(folder).call(*listing, ok=(0, 1, 128))
    if whole.code != 0:
        return Rejected((Reason(Fault.OBJECTS_MISSING),))
    unsound = _unsound(findings, {line[:40].decode() for line in whole.out.splitlines()})
    inspected = await inspect(folder, on[0], commit, merged=on[1] if on[1:] else None)
    if reasons := (*unsound, *inspected.reasons):
        return Rejected(reasons)
    tree = await tree_of(folder, commit)
    return Imported(tree, commit, on[0], folder, inspected.executables)


async def _fsck(folder: Path) -> Ran:
    """Ask `git fsck --strict` by name: taking in a bundle checks nothing by itself."""
    options = ("--strict", "--full", "--no-dangling", "--no-progress")
    return await Git(folder).call("fsck", *options, ok=tuple(range(64)))


def _unsound(ran: Ran, new: Collection[str]) -> tuple[Reason, ...]:
    """What fsck says of objects that are new with the change.

    Others are in the pack only as the base of a difference; their old sins are not the change's.
    """
    findings = _FSCK_LINE.findall(ran.err)
    kinds = {(what.decode(), kind.decode()) for kind, sha, what in findings if sha.decode() in new}
    if ran.code & ~_FSCK_MISSING and not findings:
        return (Reason(Fault.FSCK, detail=f"exit {ran.code}"),)
    if len(ran.err) >= STDERR_KEPT_BYTES:  # what it said first is lost, so anything may be wrong
        return (Reason(Fault.FSCK, detail="more findings than can be read"),)
    return tuple(
        Reason(
            Fault.ODD_MODE if what == "badFilemode" else Fault.FSCK, detail=f"{what} in a {kind}"
        )
        for what, kind in sorted(kinds)
    )


async def adopt(git_dir: Path, imported: Imported) -> None:
    """Bring the objects of the checked tree, and no other, into `git_dir`, which holds the base.

    Raises GitBadInput when the tree is not whole there afterwards (the base was not).
    """
    before = await tree_of(imported.git_dir, imported.base)
    out = await Git(imported.git_dir).run(
        "diff-tree", "-r", "-t", "-z", "--raw", "--no-renames", "--no-abbrev", before, imported.tree
    )
    facts = [field for field in out.split(b"\0") if field.startswith(b":")]
    wanted = {imported.tree} | {fact.split(b" ")[3].decode() for fact in facts}
    listing = "".join(f"{require_sha(sha)}\n" for sha in sorted(wanted - {NO_OBJECT}))
    packing = ("pack-objects", "--stdout", "--quiet")
    packed = await Git(imported.git_dir).call(
        *packing, input=listing.encode(), limit_bytes=MOST_INFLATED_BYTES
    )
    await Git(git_dir).run("unpack-objects", "-q", input=packed.out)
    whole = await Git(git_dir).call(
        "rev-list", "--objects", "--quiet", imported.tree, ok=(0, 1, 128)
    )
    if whole.code != 0:
        raise GitBadInput(f"{imported.tree}: is not whole after the import; fetch the base first")


async def discard(imported: Imported) -> None:
    """Remove the quarantine; the objects that were adopted stay where they are."""
    await _remove(imported.git_dir)


async def _remove(folder: Path) -> None:
    if await asyncio.to_thread(folder.exists):
        await asyncio.to_thread(shutil.rmtree, folder)

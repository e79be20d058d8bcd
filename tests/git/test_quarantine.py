"""Quarantine: a bundle is data; what is bad has its own reason; only the checked tree comes through."""

from pathlib import Path

import pytest

from shared.git.diff import changed
from shared.git.export import export
from shared.git.failures import GitBadInput
from shared.git.faults import Fault
from shared.git.mirror import Mirror
from shared.git.quarantine import Imported, adopt, discard, import_bundle
from shared.git.snapshot import bundle, commit_draft, write_tree
from tests.git.making import File, Files, Repo, blob_sha, git, plant
from tests.git.taking import AT, BASE, faults, pack_of, taken


async def test_a_good_change_passes_whole(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    repo, base = agent
    files: Files = {
        b"src/a.py": b"a = 2\n",
        b"tool.sh": File(b"#!/bin/sh\n", "100755"),
        "docs/mit Leerzeichen é.md".encode(): b"x\n",
        b".gitattributes": b"*.md text\n",
    }

    result = await taken(origin, agent, scratch, files)

    assert isinstance(result, Imported)
    assert result.tree == repo.tree({**BASE, **files})
    assert result.executables == ("tool.sh",)
    diff = await changed(result.git_dir, base, result.commit)
    assert len(diff.files) == 4
    await discard(result)
    assert list(scratch.iterdir()) == []


async def test_a_change_of_3001_files_comes_through_whole(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    many: Files = {b"gen/f%04d.txt" % n: b"%d\n" % n for n in range(3001)}

    result = await taken(origin, agent, scratch, many)

    assert isinstance(result, Imported)
    await adopt(origin.git_dir, result)
    _, base = agent
    assert len((await changed(origin.git_dir, base, result.tree)).files) == 3001


async def test_a_bundle_on_another_base_is_rejected(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    repo, base = agent
    other = origin.commit({b"x": b"1"}, parents=[base], branch=None)
    middle = repo.commit({**BASE, b"m": b"1"}, parents=[base], branch=None)
    head = repo.commit({**BASE, b"m": b"2"}, parents=[middle], branch=None)

    async def take(made: bytes, on: str) -> set[Fault]:
        result = await import_bundle(origin.git_dir, made, base=on, scratch=scratch)
        return faults(result)

    assert await take(repo.bundle(base, head), other) == {Fault.WRONG_BASE}
    assert await take(repo.bundle(middle, head), base) == {Fault.WRONG_BASE}


async def test_a_commit_that_does_not_follow_the_base_is_rejected(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    repo, base = agent
    orphan = repo.commit({**BASE, b"m": b"1"}, branch=None)
    made = repo.bundle(base, orphan)
    # git names no base when there is no common history; a forger writes the line himself.
    header, _, rest = made.partition(b"\n")
    if not rest.startswith(b"-"):
        made = b"%s\n-%s base\n%s" % (header, base.encode(), rest)

    result = await import_bundle(origin.git_dir, made, base=base, scratch=scratch)

    assert faults(result) == {Fault.WRONG_BASE}


async def test_a_ref_that_is_no_commit_is_rejected(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    repo, base = agent
    head = repo.commit({**BASE, b"m": b"1"}, parents=[base], branch=None)
    made = repo.bundle(base, head)
    tree = git(repo.git_dir, "rev-parse", f"{head}^{{tree}}")

    for other in (tree, blob_sha(b"1"), "9" * 40):
        forged = made.replace(f"\n{head} ".encode(), f"\n{other} ".encode(), 1)
        result = await import_bundle(origin.git_dir, forged, base=base, scratch=scratch)
        assert faults(result) == {Fault.NOT_A_COMMIT}


@pytest.mark.parametrize(
    "refs", [("refs/heads/main",), ("refs/gatefleet/draft", "refs/tags/v1"), ("refs/heads/x:y",)]
)
async def test_i46_other_refs_are_rejected(
    refs: tuple[str, ...], origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    repo, base = agent
    head = repo.commit({**BASE, b"m": b"1"}, parents=[base], branch=None)
    line = f"\n{head} refs/gatefleet/draft\n".encode()
    named = "".join(f"{head} {ref}\n" for ref in refs).encode()
    made = repo.bundle(base, head).replace(line, b"\n" + named, 1)

    result = await import_bundle(origin.git_dir, made, base=base, scratch=scratch)

    assert faults(result) == {Fault.EXTRA_REFS}


async def test_a_damaged_bundle_is_rejected_and_leaves_nothing(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    repo, base = agent
    head = repo.commit({**BASE, b"m": b"1" * 500}, parents=[base], branch=None)
    made = repo.bundle(base, head)
    flipped = made[:-1] + bytes([made[-1] ^ 1])

    for damaged, fault in (
        (made[: len(made) // 2], Fault.PACK_UNREADABLE),
        (made[:-1], Fault.PACK_UNREADABLE),
        (flipped, Fault.PACK_UNREADABLE),
        (b"", Fault.BUNDLE_MALFORMED),
        (b"not a bundle", Fault.BUNDLE_MALFORMED),
        (made + b"x" * 7_000_000, Fault.BUNDLE_TOO_LARGE),
    ):
        result = await import_bundle(origin.git_dir, damaged, base=base, scratch=scratch)
        assert faults(result) == {fault}
        assert list(scratch.iterdir()) == []


async def test_objects_that_are_nowhere_are_missing(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    repo, base = agent
    head = repo.commit({**BASE, b"m": b"only the agent has this"}, parents=[base], branch=None)
    shas = head + "\n" + git(repo.git_dir, "rev-parse", f"{head}^{{tree}}")
    pack = pack_of(repo, shas)
    made = f"# v2 git bundle\n-{base} x\n{head} refs/gatefleet/draft\n\n".encode() + pack

    result = await import_bundle(origin.git_dir, made, base=base, scratch=scratch)

    assert faults(result) == {Fault.OBJECTS_MISSING}


async def test_a_base_that_is_not_here_is_the_callers_mistake(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    with pytest.raises(GitBadInput, match="fetch first"):
        await import_bundle(origin.git_dir, b"", base="1" * 40, scratch=scratch)


async def test_i47_only_the_objects_of_the_checked_tree_come_through(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    repo, base = agent
    hidden = repo.commit({**BASE, b"src/key": b"hidden in between"}, parents=[base], branch=None)
    head = repo.commit({**BASE, b"src/new.py": b"n = 1\n"}, parents=[hidden], branch=None)
    result = await import_bundle(
        origin.git_dir, repo.bundle(base, head), base=base, scratch=scratch
    )
    assert isinstance(result, Imported)
    before = set(everything(origin))

    await adopt(origin.git_dir, result)

    tree = result.tree
    src = git(origin.git_dir, "rev-parse", f"{tree}:src")
    assert set(everything(origin)) - before == {tree, src, blob_sha(b"n = 1\n")}
    assert git(origin.git_dir, "for-each-ref", "--format=%(refname)") == "refs/heads/main"
    await adopt(origin.git_dir, result)
    await discard(result)
    assert git(origin.git_dir, "cat-file", "-p", f"{tree}:src/new.py") == "n = 1"


def everything(repo: Repo) -> list[str]:
    listing = ("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    return git(repo.git_dir, *listing).splitlines()


async def test_importing_twice_is_importing_once(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    one = await taken(origin, agent, scratch, {b"m": b"1"})
    two = await taken(origin, agent, scratch, {b"m": b"1"})

    assert isinstance(one, Imported)
    assert one == two
    assert len(list(scratch.iterdir())) == 1


async def test_the_source_is_only_read(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    before = {path: path.read_bytes() for path in origin.git_dir.rglob("*") if path.is_file()}

    assert isinstance(await taken(origin, agent, scratch, {b"m": b"1"}), Imported)

    after = {path: path.read_bytes() for path in origin.git_dir.rglob("*") if path.is_file()}
    assert before == after


@pytest.mark.parametrize("folder", ['quo"te', "new\nline", "#hash", "col:on", "b\\s"])
async def test_odd_folder_names_of_ours_are_no_obstacle(folder: str, tmp_path: Path) -> None:
    origin = Repo(tmp_path / folder / "origin.git")
    base = origin.commit(BASE)
    commit = await commit_draft(origin.git_dir, origin.tree({b"n": b"1"}), base, at=AT)
    made = await bundle(origin.git_dir, base, commit)
    assert isinstance(made, bytes)

    result = await import_bundle(origin.git_dir, made, base=base, scratch=tmp_path / folder)

    assert isinstance(result, Imported)
    await adopt(origin.git_dir, result)


async def test_i46_the_whole_way_of_a_change_runs_nothing_of_the_agents(
    origin: Repo, scratch: Path, tmp_path: Path
) -> None:
    async def nobody() -> str | None:
        return None

    base = origin.commit({b"src/a.py": b"a = 1\n", b".gitattributes": b"* filter=evil diff=evil\n"})
    dev = Mirror(tmp_path / "dev.git", origin.url, nobody)
    keeper = Mirror(tmp_path / "keeper.git", origin.url, nobody)
    await dev.fetch()
    await keeper.fetch()
    work, canary = scratch / "work", tmp_path / "canary"
    await export(dev.git_dir, base, work)
    plant(work, canary)
    (work / ".gitattributes").write_bytes(b"* filter=evil diff=evil\n")
    (work / "src/a.py").write_bytes(b"a = 2\n")

    tree = await write_tree(dev.git_dir, work, base)
    commit = await commit_draft(dev.git_dir, tree, base, at=AT)
    made = await bundle(dev.git_dir, base, commit)
    assert isinstance(made, bytes)
    result = await import_bundle(keeper.git_dir, made, base=base, scratch=scratch)
    assert isinstance(result, Imported)
    await adopt(keeper.git_dir, result)

    diff = await changed(keeper.git_dir, base, result.tree)
    assert [file.path for file in diff.files] == ["src/a.py"]
    assert not canary.exists()

"""What lies in an agent's folder, as a tree: what is there goes in, and no link is followed."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.git.export import export
from shared.git.failures import GitRefused
from shared.git.objects import entries, tree_of
from shared.git.snapshot import write_tree
from tests.git.making import File, Files, Repo, git, link, module

AT = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)

BASE: Files = {
    b"a.txt": b"one\n",
    b"dos.txt": b"a\r\nb\r\n",
    b"d/b.txt": b"two\n",
    b"d/e/c.txt": b"three\n",
    b"run.sh": File(b"#!/bin/sh\n", "100755"),
    b"l": link("a.txt"),
    b".gitattributes": b"* text=auto eol=lf\n*.txt filter=evil\n",
    b"new\nline": b"x",
    b"caf\xe9": b"latin",
}


async def exported(origin: Repo, scratch: Path, files: Files = BASE) -> tuple[str, Path]:
    sha = origin.commit(files)
    await export(origin.git_dir, sha, scratch / "work")
    return sha, scratch / "work"


async def facts(origin: Repo, tree: str) -> dict[str, str]:
    return {entry.path: entry.mode for entry in await entries(origin.git_dir, tree)}


async def test_an_untouched_folder_is_the_bases_tree(origin: Repo, scratch: Path) -> None:
    base, work = await exported(origin, scratch)

    assert await write_tree(origin.git_dir, work, base) == await tree_of(origin.git_dir, base)


async def test_additions_deletions_contents_and_modes_are_taken(
    origin: Repo, scratch: Path
) -> None:
    base, work = await exported(origin, scratch)
    (work / "a.txt").write_bytes(b"uno\r\n")
    (work / "d/b.txt").unlink()
    (work / "run.sh").chmod(0o644)
    (work / "dos.txt").chmod(0o755)
    (work / "new dir/\u00e9").mkdir(parents=True)
    (work / "new dir/\u00e9/f.txt").write_bytes(b"f")
    (work / "empty dir").mkdir()

    tree = await write_tree(origin.git_dir, work, base)

    wanted = {path: file for path, file in BASE.items() if path != b"d/b.txt"} | {
        b"a.txt": b"uno\r\n",
        b"run.sh": b"#!/bin/sh\n",
        b"dos.txt": File(b"a\r\nb\r\n", "100755"),
        "new dir/\u00e9/f.txt".encode(): b"f",
    }
    assert tree == origin.tree(wanted)


async def test_a_folder_may_become_a_file_and_a_file_a_folder(origin: Repo, scratch: Path) -> None:
    base, work = await exported(origin, scratch, {b"a": b"1", b"d/b": b"2", b"d/c": b"3"})
    (work / "a").unlink()
    (work / "a").mkdir()
    (work / "a/inner").write_bytes(b"4")
    for name in ("b", "c"):
        (work / "d" / name).unlink()
    (work / "d").rmdir()
    (work / "d").write_bytes(b"5")

    tree = await write_tree(origin.git_dir, work, base)

    assert tree == origin.tree({b"a/inner": b"4", b"d": b"5"})


async def test_everything_deleted_is_the_empty_tree(origin: Repo, scratch: Path) -> None:
    base = origin.commit({b"a": b"1", b"d/b": b"2"})
    (scratch / "work").mkdir()

    tree = await write_tree(origin.git_dir, scratch / "work", base)

    assert tree == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


async def test_what_the_base_ignores_is_left_out_by_the_bases_rules_alone(
    origin: Repo, scratch: Path
) -> None:
    files: Files = {
        b".gitignore": b"*.log\nbuild/\n!keep.log\n/top\n",
        b"sub/.gitignore": b"local\n",
        b"tracked.log": b"t",
    }
    base, work = await exported(origin, scratch, files)
    (work / "tracked.log").write_bytes(b"changed")
    for path in (
        "x.log",
        "keep.log",
        "build/out",
        "sub/local",
        "local",
        "top",
        "sub/top",
        ":x",
        "*",
    ):
        (work / path).parent.mkdir(exist_ok=True)
        (work / path).write_bytes(b"x")
    # The agent's own rules may not hide what it did, nor bring in what is ignored.
    (work / ".gitignore").write_bytes(b"local\nsub/\n")

    tree = await write_tree(origin.git_dir, work, base)

    assert sorted(await facts(origin, tree)) == [
        "*",
        ".gitignore",
        ":x",
        "keep.log",
        "local",
        "sub/.gitignore",
        "sub/top",
        "tracked.log",
    ]


async def test_caches_that_the_base_does_not_track_are_never_part(
    origin: Repo, scratch: Path
) -> None:
    base, work = await exported(origin, scratch, {b"a.py": b"1", b"kept/node_modules/x.js": b"2"})
    for path in ("__pycache__/a.pyc", "d/.pytest_cache/x", "node_modules/y", "a.pyc", ".coverage"):
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_bytes(b"x")
    (work / "kept/node_modules/x.js").write_bytes(b"3")

    tree = await write_tree(origin.git_dir, work, base)

    assert tree == origin.tree({b"a.py": b"1", b"kept/node_modules/x.js": b"3"})


async def test_i46_a_nested_repository_is_plain_files(origin: Repo, scratch: Path) -> None:
    base, work = await exported(origin, scratch, {b"a": b"1"})
    (work / "inner").mkdir()
    git(work / "inner", "init", "--quiet")
    (work / "inner/f").write_bytes(b"f")
    git(work / "inner", "add", "f")
    git(work / "inner", "commit", "-qm", "x")
    (work / ".git").write_text("gitdir: /tmp/evil\n")

    tree = await write_tree(origin.git_dir, work, base)

    assert tree == origin.tree({b"a": b"1", b"inner/f": b"f"})


async def test_submodules_stay_as_the_base_has_them(origin: Repo, scratch: Path) -> None:
    base, work = await exported(origin, scratch, {b"a": b"1", b"dep": module("1" * 40)})
    (work / "dep/payload").write_bytes(b"x")
    (work / "a").write_bytes(b"2")

    assert await facts(origin, await write_tree(origin.git_dir, work, base)) == {
        "a": "100644",
        "dep": "160000",
    }
    (work / "dep/payload").unlink()
    (work / "dep").rmdir()
    assert (await facts(origin, await write_tree(origin.git_dir, work, base)))["dep"] == "160000"


async def test_i46_links_are_recorded_and_never_followed(
    origin: Repo, scratch: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("canary")
    base, work = await exported(origin, scratch, {b"a": b"1", b"d/b": b"2"})
    (work / "d/b").unlink()
    (work / "d").rmdir()
    (work / "d").symlink_to(outside)
    (work / "shadow").symlink_to("/etc/shadow")
    (work / "loop").symlink_to("loop")

    tree = await write_tree(origin.git_dir, work, base)

    assert await facts(origin, tree) == {
        "a": "100644",
        "d": "120000",
        "loop": "120000",
        "shadow": "120000",
    }
    assert git(origin.git_dir, "cat-file", "-p", f"{tree}:shadow") == "/etc/shadow"


async def test_pipes_and_sockets_are_no_files(origin: Repo, scratch: Path) -> None:
    base, work = await exported(origin, scratch, {b"a": b"1"})
    os.mkfifo(work / "pipe")
    (work / "a").unlink()
    os.mkfifo(work / "a")

    tree = await write_tree(origin.git_dir, work, base)

    assert await facts(origin, tree) == {}


@pytest.mark.parametrize("name", [b".GIT", b"git~1", b"a\nb", b"b\\c", b"\xff"])
async def test_i46_a_new_name_that_no_tree_may_hold_is_refused(
    name: bytes, origin: Repo, scratch: Path
) -> None:
    base, work = await exported(origin, scratch, {b"a": b"1"})
    with open(os.path.join(os.fsencode(work), name), "wb") as handle:
        handle.write(b"x")

    with pytest.raises(GitRefused, match="rename or remove it"):
        await write_tree(origin.git_dir, work, base)


async def test_too_much_changed_content_is_refused_before_it_is_held(
    origin: Repo, scratch: Path
) -> None:
    base, work = await exported(origin, scratch, {b"a": b"x" * 5000})
    assert await write_tree(origin.git_dir, work, base, limit_bytes=100) == await tree_of(
        origin.git_dir, base
    )
    with open(work / "huge", "wb") as handle:
        handle.truncate(1 << 40)  # a sparse file of a terabyte

    with pytest.raises(GitRefused, match=r"huge.*split the change"):
        await write_tree(origin.git_dir, work, base)

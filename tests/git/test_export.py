"""The export: exactly the commit's bytes and modes, and no link that leads out."""

import os
from pathlib import Path

import pytest

from shared.git.export import Exported, export
from shared.git.failures import GitBadInput, GitRefused
from tests.git.making import POINTER, File, Repo, link, module


def listing(folder: Path) -> dict[bytes, tuple[str, bytes]]:
    found: dict[bytes, tuple[str, bytes]] = {}
    root = os.fsencode(folder)
    for at, folders, files in os.walk(root):
        for name in files + [f for f in folders if os.path.islink(os.path.join(at, f))]:
            path = os.path.join(at, name)
            below = os.path.relpath(path, root)
            if os.path.islink(path):
                found[below] = ("link", os.readlink(path))
            else:
                with open(path, "rb") as handle:
                    found[below] = (oct(os.stat(path).st_mode & 0o777), handle.read())
    return found


async def test_files_come_out_as_they_are_stored(origin: Repo, scratch: Path) -> None:
    odd = b"dir with space/new\nline \xc3\xa9.txt"
    sha = origin.commit(
        {
            b".gitattributes": b"* text=auto eol=crlf filter=evil export-ignore ident\n",
            b"unix.txt": b"a\nb\n$Id$\n",
            b"dos.txt": b"a\r\nb\r\n",
            b"run.sh": File(b"#!/bin/sh\n", "100755"),
            b"bin": b"\0\xff",
            b"empty": b"",
            b"caf\xe9": b"latin",
            odd: b"odd",
            b"d/link": link("../unix.txt"),
        }
    )

    exported = await export(origin.git_dir, sha, scratch / "out")

    assert listing(scratch / "out") == {
        b".gitattributes": ("0o644", b"* text=auto eol=crlf filter=evil export-ignore ident\n"),
        b"unix.txt": ("0o644", b"a\nb\n$Id$\n"),
        b"dos.txt": ("0o644", b"a\r\nb\r\n"),
        b"run.sh": ("0o755", b"#!/bin/sh\n"),
        b"bin": ("0o644", b"\0\xff"),
        b"empty": ("0o644", b""),
        b"caf\xe9": ("0o644", b"latin"),
        odd: ("0o644", b"odd"),
        b"d/link": ("link", b"../unix.txt"),
    }
    assert len(exported.files) == 9
    assert not (scratch / "out/.git").exists()


async def test_submodules_are_empty_folders_and_pointers_are_named(
    origin: Repo, scratch: Path
) -> None:
    sha = origin.commit(
        {b"lib/dep": module("1" * 40), b"big.bin": POINTER, b"same.bin": POINTER, b"a": b"x"}
    )

    exported = await export(origin.git_dir, sha, scratch / "out")

    assert exported == Exported(
        files=("a", "big.bin", "same.bin"),
        submodules=("lib/dep",),
        lfs_pointers=("big.bin", "same.bin"),
    )
    assert list((scratch / "out/lib/dep").iterdir()) == []


@pytest.mark.parametrize("target", ["/etc/shadow", "../x", "d/../../x", "up/.."])
async def test_a_link_that_leaves_the_tree_stops_the_export(
    target: str, origin: Repo, scratch: Path
) -> None:
    sha = origin.commit({b"a": b"x", b"d/b": b"y", b"up": link("."), b"l": link(target)})

    with pytest.raises(GitRefused, match="l: a symbolic link that leaves the repository"):
        await export(origin.git_dir, sha, scratch / "out")

    assert list((scratch / "out").iterdir()) == []


@pytest.mark.parametrize("name", [b".git/config", b"d/.git", b"../x", b"d/./x"])
async def test_a_name_that_leads_elsewhere_stops_the_export(
    name: bytes, origin: Repo, scratch: Path
) -> None:
    sha = origin.commit({name: b"x"})

    with pytest.raises(GitRefused, match="cannot be written safely"):
        await export(origin.git_dir, sha, scratch / "out")

    assert not (scratch / "x").exists()


async def test_the_folder_must_be_empty(origin: Repo, scratch: Path) -> None:
    sha = origin.commit({b"a": b"x"})
    (scratch / "left").write_text("over")

    with pytest.raises(GitBadInput, match="needs an empty folder"):
        await export(origin.git_dir, sha, scratch)


async def test_an_empty_commit_exports_to_nothing(origin: Repo, scratch: Path) -> None:
    sha = origin.commit({})

    assert await export(origin.git_dir, sha, scratch / "out") == Exported((), (), ())


async def test_many_files_of_one_content_and_many_contents(origin: Repo, scratch: Path) -> None:
    files = {f"d{n % 7}/f{n}.txt".encode(): b"%d\n" % (n % 3000) for n in range(6000)}
    sha = origin.commit(files)

    await export(origin.git_dir, sha, scratch / "out")

    assert {path: content for path, (_, content) in listing(scratch / "out").items()} == files

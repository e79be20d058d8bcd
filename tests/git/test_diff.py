"""The diff: every path, both sides of renames, from our own objects alone."""

import pytest

from shared.git.diff import ChangedFile, Diff, Size, changed, protected, size
from shared.git.failures import GitBadInput
from tests.git.making import File, Repo, blob_sha, git, link, module

NONE = "0" * 40


async def test_every_kind_of_change_is_there(origin: Repo) -> None:
    base = origin.commit(
        {b"keep": b"k", b"mod": b"1\n2\n3\n", b"gone": b"a\nb\n", b"mode": b"m\n", b"bin": b"\0"}
    )
    head = origin.commit(
        {
            b"keep": b"k",
            b"mod": b"1\ntwo\n3\n4\n",
            b"mode": File(b"m\n", "100755"),
            b"bin": b"\0\1",
            b"new": b"n",
            b"l": link("keep"),
            b"m": module("1" * 40),
        },
        parents=[base],
    )

    text, binary = blob_sha(b"1\n2\n3\n"), blob_sha(b"\0")
    now, mode = blob_sha(b"1\ntwo\n3\n4\n"), blob_sha(b"m\n")
    rows = [
        ("bin", "100644", "100644", binary, blob_sha(b"\0\1"), 0, 0, True, 2),
        ("gone", "100644", "000000", blob_sha(b"a\nb\n"), NONE, 0, 2, False, 0),
        ("l", "000000", "120000", NONE, blob_sha(b"keep"), 1, 0, False, 4),
        ("m", "000000", "160000", NONE, "1" * 40, 1, 0, False, 0),
        ("mod", "100644", "100644", text, now, 2, 1, False, 10),
        ("mode", "100644", "100755", mode, mode, 0, 0, False, 2),
        ("new", "000000", "100644", NONE, blob_sha(b"n"), 1, 0, False, 1),
    ]
    wanted = Diff(tuple(ChangedFile(*row) for row in rows), lines=8)
    assert await changed(origin.git_dir, base, head) == wanted


async def test_i27_a_rename_is_both_its_names(origin: Repo) -> None:
    content = b"".join(b"step %d\n" % n for n in range(50))
    base = origin.commit({b".github/workflows/ci.yml": content, b"a": b"1"})
    head = origin.commit({b"docs/ci.yml": content, b"a": b"1"}, parents=[base])

    diff = await changed(origin.git_dir, base, head)

    assert [(file.path, file.gone) for file in diff.files] == [
        (".github/workflows/ci.yml", True),
        ("docs/ci.yml", False),
    ]
    assert protected(diff) == [".github/workflows/ci.yml"]


async def test_i27_the_3001st_file_is_seen(origin: Repo) -> None:
    base = origin.commit({b"a": b"1"})
    many = {b"gen/f%04d.txt" % n: b"%d\n" % n for n in range(3000)}
    head = origin.commit({b"a": b"1", **many, b"zz/AGENTS.md": b"obey\n"}, parents=[base])

    diff = await changed(origin.git_dir, base, head)

    assert len(diff.files) == 3001
    assert diff.lines == 3001
    assert protected(diff) == ["zz/AGENTS.md"]


async def test_names_keep_every_byte(origin: Repo) -> None:
    base = origin.commit({})
    names = [
        b"new\nline",
        b"sp ace/\xc3\xa9",
        b"tab\there",
        b"caf\xe9",
        b":100644 x",
        b'"q"',
        b"-x",
    ]
    head = origin.commit(dict.fromkeys(names, b"x\n"), parents=[base])

    diff = await changed(origin.git_dir, base, head)

    found = [file.path.encode("utf-8", "surrogateescape") for file in diff.files]
    assert sorted(found) == sorted(names)
    assert diff.lines == len(names)


async def test_nothing_changed_is_an_empty_diff(origin: Repo) -> None:
    base = origin.commit({b"a": b"1"})
    head = origin.commit({b"a": b"1"}, parents=[base])

    diff = await changed(origin.git_dir, base, head)

    assert diff == Diff((), 0)
    assert size(diff) == Size(0, 0, 0, 0, "", (), (), (), ())


async def test_i27_a_mode_alone_is_a_change(origin: Repo) -> None:
    base = origin.commit({b"run.sh": b"x\n"})
    head = origin.commit({b"run.sh": File(b"x\n", "100755")}, parents=[base])

    (file,) = (await changed(origin.git_dir, base, head)).files

    assert (file.mode_changed, file.added, file.deleted) == (True, 0, 0)


async def test_i27_the_facts_for_limits_are_complete(origin: Repo) -> None:
    base = origin.commit({b"was": link("x"), b"sub": module("1" * 40), b"b": b"\0"})
    head = origin.commit(
        {
            b"sub": module("2" * 40),
            b"huge.txt": b"line\n" * 5000,
            b"long": b"x" * 70_000,
            b"run": File(b"r\n", "100755"),
        },
        parents=[base],
    )

    facts = size(await changed(origin.git_dir, base, head))

    assert facts == Size(
        files=6,
        lines=5000 + 1 + 1 + 1 + 1 + 1,
        total_bytes=25_000 + 70_000 + 2,
        largest_bytes=70_000,
        largest_path="long",
        binaries=("b",),
        symlinks=("was",),
        submodules=("sub",),
        new_executables=("run",),
    )


async def test_attributes_in_the_change_do_not_hide_its_lines(origin: Repo) -> None:
    base = origin.commit({b"a.py": b"1\n"})
    git(origin.git_dir, "config", "diff.external", "/bin/false")
    head = origin.commit({b"a.py": b"2\n", b".gitattributes": b"*.py -diff binary\n"})

    diff = await changed(origin.git_dir, base, head)

    assert [(f.path, f.binary, f.added) for f in diff.files] == [
        (".gitattributes", False, 1),
        ("a.py", False, 1),
    ]


async def test_a_commit_that_is_not_here_is_bad_input(origin: Repo) -> None:
    base = origin.commit({b"a": b"1"})

    with pytest.raises(GitBadInput):
        await changed(origin.git_dir, base, "1" * 40)
    with pytest.raises(GitBadInput, match="not an object id"):
        await changed(origin.git_dir, base, "main")

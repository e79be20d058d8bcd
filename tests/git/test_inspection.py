"""Reading a change in quarantine: what no tree of ours may hold, each by its own name."""

from pathlib import Path

import pytest

from shared.git.export import export
from shared.git.faults import Fault, Rejected
from shared.git.merging import Conflict, merge
from shared.git.quarantine import Imported, import_bundle
from shared.git.snapshot import bundle, commit_draft, write_tree
from tests.git.making import POINTER, File, Files, Repo, blob_sha, git, link, module
from tests.git.taking import AT, BASE, faults, pack_of, taken


@pytest.mark.parametrize(
    ("path", "file", "fault"),
    [
        (b".GIT/config", b"x", Fault.GIT_FOLDER_NAME),
        (b"git~1", b"x", Fault.GIT_FOLDER_NAME),
        (".g\u200cit/config".encode(), b"x", Fault.GIT_FOLDER_NAME),
        (b"sub/.git/hooks/post-checkout", b"x", Fault.GIT_FOLDER_NAME),
        (b".git::$INDEX_ALLOCATION/x", b"x", Fault.GIT_FOLDER_NAME),
        (b"../escape", b"x", Fault.PATH_TRAVERSAL),
        (b"a\\..\\b", b"x", Fault.BACKSLASH),
        (b"new\nline", b"x", Fault.CONTROL_CHARACTERS),
        (b"caf\xe9", b"x", Fault.NOT_UTF8),
        (b"x" * 256, b"x", Fault.NAME_TOO_LONG),
        (b"SRC/b.py", b"x", Fault.CASE_COLLISION),
        (b"readme.MD", b"x", Fault.CASE_COLLISION),
        (b"shadow", link("/etc/shadow"), Fault.SYMLINK),
        (b"inside", link("README.md"), Fault.SYMLINK),
        (b"dep", module("3" * 40), Fault.SUBMODULE),
        (b"odd", File(b"x", "100664"), Fault.ODD_MODE),
        (b".gitmodules", b'[submodule "x"]\n\turl = -u./payload\n\tpath = x\n', Fault.GITMODULES),
        (b".gitModules", b"harmless\n", Fault.GITMODULES),
        (b"sub/.gitattributes", b"*.py filter=evil\n", Fault.GITATTRIBUTES),
        (b".gitattributes", b"* text\n*.c\tdiff=evil\n", Fault.GITATTRIBUTES),
        (b".GITATTRIBUTES", b"* merge=evil", Fault.GITATTRIBUTES),
        (b".gitattributes", b"VERSION export-subst\n", Fault.GITATTRIBUTES),
        (b".gitattributes", b"*.v ident\n", Fault.GITATTRIBUTES),
        (b"big.bin", POINTER, Fault.LFS_POINTER),
    ],
)
async def test_i46_each_bad_tree_is_rejected_by_its_own_reason(
    path: bytes,
    file: File | bytes,
    fault: Fault,
    origin: Repo,
    agent: tuple[Repo, str],
    scratch: Path,
) -> None:
    result = await taken(origin, agent, scratch, {path: file, b"src/a.py": b"a = 2\n"})

    assert fault in faults(result)
    assert faults(result) <= {fault, Fault.FSCK}
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    "path", [b".GIT/config", b"git~1", ".g\u200cit/config".encode(), b"../escape"]
)
async def test_i46_fsck_is_asked_and_agrees(
    path: bytes, origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    assert Fault.FSCK in faults(await taken(origin, agent, scratch, {path: b"x"}))


async def test_i46_fsck_finds_a_hostile_submodule_address(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    url = b'[submodule "x"]\n\turl = -u./payload\n\tpath = x\n'

    result = await taken(origin, agent, scratch, {b".gitmodules": url})

    assert isinstance(result, Rejected)
    assert any("gitmodulesUrl" in reason.detail for reason in result.reasons)


async def test_two_new_names_that_collide_are_both_named(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    result = await taken(origin, agent, scratch, {b"x/Make": b"1", b"x/make": b"2"})

    assert isinstance(result, Rejected)
    assert {(r.fault, r.path) for r in result.reasons} == {
        (Fault.CASE_COLLISION, "x/Make"),
        (Fault.CASE_COLLISION, "x/make"),
    }


async def test_a_link_of_the_base_may_go_but_not_change(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    assert isinstance(await taken(origin, agent, scratch, {b"old": b"a file now"}), Imported)
    assert faults(await taken(origin, agent, scratch, {b"old": link("src")})) == {Fault.SYMLINK}


async def test_a_harmless_line_beside_old_attributes_is_fine(
    tmp_path: Path, origin: Repo, scratch: Path
) -> None:
    files: Files = {b".gitattributes": b"*.png filter=lfs diff=lfs merge=lfs -text\n"}
    base = origin.commit(files)
    changed_files: Files = {b".gitattributes": b"*.md text\n" + bytes(files[b".gitattributes"])}  # type: ignore[arg-type]
    head = origin.commit(changed_files, parents=[base], branch=None)

    result = await import_bundle(
        origin.git_dir, origin.bundle(base, head), base=base, scratch=scratch
    )

    assert isinstance(result, Imported)


async def test_nothing_changed_is_an_empty_change(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    assert faults(await taken(origin, agent, scratch, {})) == {Fault.EMPTY_CHANGE}


async def test_a_mode_alone_is_a_change(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    result = await taken(origin, agent, scratch, {b"README.md": File(b"hello\n", "100755")})

    assert isinstance(result, Imported)
    assert result.executables == ("README.md",)


async def test_an_old_sin_of_the_base_is_not_put_on_the_change(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    repo, _ = agent
    old: Files = {b"legacy/.GIT/x": b"old", b"legacy/odd": File(b"x", "100664")}
    files: Files = {b"src/a.py": b"a = 1\n", **old}
    base = origin.commit(files)
    assert repo.commit(files) == base

    async def take(change: Files) -> Imported | Rejected:
        head = repo.commit({**files, **change}, parents=[base], branch=None)
        made = repo.bundle(base, head)
        return await import_bundle(origin.git_dir, made, base=base, scratch=scratch)

    assert isinstance(await take({b"src/a.py": b"a = 2\n"}), Imported)
    # Written again, the folder is the change's own.
    assert faults(await take({b"legacy/new": b"x"})) == {Fault.FSCK, Fault.ODD_MODE}


async def test_i46_a_flood_of_findings_does_not_wash_the_real_one_away(
    origin: Repo, agent: tuple[Repo, str], scratch: Path
) -> None:
    repo, base = agent
    blob = bytes.fromhex(blob_sha(b"hello\n"))
    for n in range(1500):
        (scratch / str(n)).write_bytes(b"100644 git~1\0%s100644 x%04d\0%s" % (blob, n, blob))
    paths = "\n".join(str(scratch / str(n)) for n in range(1500)).encode()
    kind = ("-t", "tree", "--literally", "--no-filters", "-w", "--stdin-paths")
    trees = git(repo.git_dir, "hash-object", *kind, input=paths).splitlines()
    head = repo.commit({**BASE, b"m": b"1"}, parents=[base], branch=None)
    new = git(repo.git_dir, "rev-list", "--objects", head, f"^{base}").splitlines()
    pack = pack_of(repo, "\n".join([*trees, *(line[:40] for line in new)]))
    made = f"# v2 git bundle\n-{base} x\n{head} refs/gatefleet/draft\n\n".encode() + pack

    result = await import_bundle(origin.git_dir, made, base=base, scratch=scratch)

    assert faults(result) == {Fault.FSCK}


async def test_a_solved_conflict_stands_on_head_and_moved_base(origin: Repo, scratch: Path) -> None:
    files: Files = {b"a": b"1\n", b"b": b"1\n"}
    base = origin.commit(files)
    head = origin.commit({**files, b"a": b"ours\n"}, parents=[base], branch="ours")
    # People put a link, attributes and much else on the base; that is not the agent's doing.
    theirs: Files = {
        b"a": b"theirs\n",
        b"b": b"2\n",
        b"l": link("a"),
        b".gitattributes": b"*.png filter=lfs\n",
        b"big": POINTER,
    }
    tip = origin.commit(theirs, parents=[base])
    conflict = await merge(origin.git_dir, head, tip)
    assert isinstance(conflict, Conflict)
    await export(origin.git_dir, conflict.marked_tree, scratch / "work")
    (scratch / "work/a").write_bytes(b"both\n")

    async def take(then: Files) -> Imported | Rejected:
        for path, content in then.items():
            assert isinstance(content, bytes)
            (scratch / "work" / path.decode()).write_bytes(content)
        tree = await write_tree(origin.git_dir, scratch / "work", conflict.marked_tree)
        commit = await commit_draft(origin.git_dir, tree, head, at=AT, merged=tip)
        made = await bundle(origin.git_dir, head, commit, merged=tip)
        assert isinstance(made, bytes)
        alone = await import_bundle(origin.git_dir, made, base=head, scratch=scratch)
        assert faults(alone) == {Fault.WRONG_BASE}
        return await import_bundle(origin.git_dir, made, base=head, merged=tip, scratch=scratch)

    good = await take({})
    assert isinstance(good, Imported)
    assert good.tree == origin.tree({**theirs, b"a": b"both\n"})
    bad = await take({b".gitattributes": b"*.png filter=lfs\n* diff=evil\n"})
    assert faults(bad) == {Fault.GITATTRIBUTES}

"""Facts about a bare repository, and how its refs move."""

from pathlib import Path

import pytest

from services.local_forge.git.facts import NO_OBJECT, TreeEntry
from services.local_forge.git.repositories import BareRepository
from shared.errors import BadInput, Refused, TryLater
from tests.local_forge.git.conftest import WHEN, WHO, Source, copied, run


async def test_a_new_repository_has_no_branches(tmp_path: Path) -> None:
    bare = BareRepository(tmp_path / "git" / "octo" / "new.git")
    assert not await bare.exists()
    await bare.create("trunk")
    assert await bare.exists()
    assert await bare.branches() == {}
    assert await bare.head("trunk") is None
    assert (bare.path / "HEAD").read_text() == "ref: refs/heads/trunk\n"


async def test_a_clone_has_every_branch_and_tag(source: Source, tmp_path: Path) -> None:
    first = source.git("rev-parse", "HEAD").stdout.strip()
    source.git("tag", "v1")
    source.git("checkout", "--quiet", "-b", "näxt/one")
    second = source.commit("Second", b=b"2\n")
    bare = BareRepository(tmp_path / "a %20 b" / "hello.git")
    assert await bare.clone_from(source.path) == "näxt/one"
    assert await bare.branches() == {"main": first, "näxt/one": second}
    assert await bare.resolve("v1") == first
    assert await bare.resolve("näxt/one") == second
    assert await bare.resolve(second[:9]) == second


async def test_a_detached_head_falls_to_a_branch_that_is_there(
    source: Source, tmp_path: Path
) -> None:
    source.git("checkout", "--quiet", "--detach")
    bare = BareRepository(tmp_path / "hello.git")
    assert await bare.clone_from(source.path) == "main"


async def test_cloning_never_writes_to_the_source(source: Source, tmp_path: Path) -> None:
    (source.path / "dirty file").write_text("not committed")

    def everything() -> dict[str, tuple[bytes, int]]:
        files = [path for path in source.path.rglob("*") if path.is_file()]
        return {str(f): (f.read_bytes(), f.stat().st_mtime_ns) for f in files}

    before = everything()
    await BareRepository(tmp_path / "hello.git").clone_from(source.path)
    assert everything() == before


@pytest.mark.parametrize("left", ["config.lock", "HEAD", "HEAD.lock"])
async def test_what_a_killed_clone_left_is_made_anew(
    source: Source, tmp_path: Path, left: str
) -> None:
    """As git init leaves it when it is killed in the middle: it would refuse to go on for ever."""
    head = source.git("rev-parse", "HEAD").stdout.strip()
    bare = BareRepository(tmp_path / "octo" / "hello.git")
    for place in (bare.path, bare.path.with_name(".hello.git.unfinished")):
        (place / "refs").mkdir(parents=True)
        (place / left).write_text("ref: refs/heads/main\n")
        (place / "config.lock").touch()
    assert await bare.clone_from(source.path) == "main"
    assert await bare.branches() == {"main": head}
    assert sorted(each.name for each in bare.path.parent.iterdir()) == ["hello.git"]
    assert not (bare.path / "config.lock").exists()


async def test_one_that_is_there_stays_whatever_the_source_has_become(
    source: Source, tmp_path: Path
) -> None:
    bare = BareRepository(tmp_path / "hello.git")
    await bare.clone_from(source.path)
    merged = await bare.head("main")
    source.commit("Later", c=b"3\n")
    assert await BareRepository(bare.path).clone_from(source.path) == "main"
    assert await bare.head("main") == merged
    hook = bare.path / "hooks" / "update"
    hook.unlink()
    await BareRepository(bare.path).create("main")
    assert hook.exists()  # it protects, so it is there whoever made the rest
    source.git("branch", "other")
    with pytest.raises(BadInput, match=r"hello\.git: it has no branch other; name one that it has"):
        await BareRepository(bare.path).clone_from(source.path, "other")
    assert await bare.head("main") == merged


async def test_what_cannot_be_cloned_says_why_and_leaves_nothing(
    source: Source, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    bare = BareRepository(tmp_path / "git" / "hello.git")
    with pytest.raises(BadInput, match="not a git repository"):
        await bare.clone_from(empty)
    with pytest.raises(BadInput, match="not a git repository"):
        await bare.clone_from(tmp_path / "nowhere")
    Source(empty).git("init", "--quiet")
    with pytest.raises(BadInput, match="has no commits; commit something first"):
        await bare.clone_from(empty)
    with pytest.raises(BadInput, match="has no branch nope"):
        await bare.clone_from(source.path, "nope")
    assert not bare.path.exists()


@pytest.mark.parametrize(
    "rev", ["", "-h", "--help", "main~1", "main^", "a..b", ":/First", "main@{0}", "x y", "nope"]
)
async def test_an_expression_is_not_a_revision(bare: BareRepository, rev: str) -> None:
    assert await bare.resolve(rev) is None
    assert await bare.resolve("main") is not None


async def test_an_option_in_the_place_of_a_commit_is_refused(bare: BareRepository) -> None:
    with pytest.raises(BadInput, match="resolve it first"):
        await bare.changed_files("--output=x", "main")
    with pytest.raises(BadInput, match="resolve it first"):
        await bare.log("--all", limit=1)


async def test_commits_come_parents_first_with_whole_messages(
    source: Source, bare: BareRepository
) -> None:
    base = await bare.resolve("main")
    assert base is not None
    one = source.commit("Öne\n\nbody\x1f\n\nTrailer: x")
    two = source.commit("Two", c=b"c")
    await copied(source, bare)
    found = await bare.commits(base, two)
    assert [(c.sha, c.title, c.parents) for c in found] == [
        (one, "Öne", (base,)),
        (two, "Two", (one,)),
    ]
    assert found[0].message == "Öne\n\nbody\x1f\n\nTrailer: x"
    assert (found[0].author.name, found[0].author.date.isoformat()) == (
        "Writer",
        "2030-01-01T10:00:00+00:00",
    )
    assert [c.sha for c in await bare.log(two, limit=2)] == [two, one]
    assert (await bare.commit(one)).tree == source.git("rev-parse", f"{one}^{{tree}}").stdout[:40]
    assert await bare.is_ancestor(base, two)
    assert not await bare.is_ancestor(two, base)


async def test_a_merge_has_two_parents_and_moves_the_branch(
    source: Source, bare: BareRepository
) -> None:
    source.git("checkout", "--quiet", "-b", "topic")
    topic = source.commit("Topic", t=b"t\n")
    source.git("checkout", "--quiet", "main")
    main = source.commit("Main", m=b"m\n")
    await copied(source, bare)
    assert await bare.merge_base(main, topic) == source.git("rev-parse", "HEAD~1").stdout.strip()
    assert await bare.mergeable(main, topic)
    merged = await bare.merge("main", topic, message="Merge topic (#1)", who=WHO)
    commit = await bare.commit(merged)
    assert await bare.head("main") == merged
    assert (commit.parents, commit.message) == ((main, topic), "Merge topic (#1)")
    assert (commit.author, commit.committer.date) == (WHO, WHEN)
    assert await bare.read_blob(merged, "t") == b"t\n"
    assert await bare.read_blob(merged, "m") == b"m\n"


async def test_a_conflict_does_not_merge(source: Source, bare: BareRepository) -> None:
    source.git("checkout", "--quiet", "-b", "topic")
    topic = source.commit_files("Topic", {"a.txt": b"topic\n"})
    source.git("checkout", "--quiet", "main")
    main = source.commit_files("Main", {"a.txt": b"main\n"})
    await copied(source, bare)
    assert not await bare.mergeable(main, topic)
    with pytest.raises(Refused, match=f"main: {topic[:12]} has conflicts"):
        await bare.merge("main", topic, message="Merge", who=WHO)
    assert await bare.head("main") == main


async def test_unrelated_histories_do_not_merge(source: Source, bare: BareRepository) -> None:
    main = await bare.head("main")
    source.git("checkout", "--quiet", "--orphan", "other")
    other = source.commit("Other")
    await copied(source, bare)
    assert main is not None
    assert await bare.merge_base(main, other) is None
    assert not await bare.mergeable(main, other)


async def test_a_ref_moves_only_from_where_it_is_thought_to_be(
    source: Source, bare: BareRepository
) -> None:
    first = await bare.head("main")
    second = source.commit("Second")
    run(bare.path, "fetch", "--quiet", str(source.path), f"{second}:refs/pull/1/head")
    assert first is not None
    await bare.update_ref("refs/heads/new", first, NO_OBJECT)
    with pytest.raises(TryLater, match="it moved meanwhile"):
        await bare.update_ref("refs/heads/new", second, NO_OBJECT)
    with pytest.raises(TryLater, match="it moved meanwhile"):
        await bare.update_ref("refs/heads/new", first, second)
    await bare.update_ref("refs/heads/new", second, first)
    assert await bare.refs("refs/heads/") == {"refs/heads/main": first, "refs/heads/new": second}
    assert await bare.delete_ref("refs/heads/new")
    assert not await bare.delete_ref("refs/heads/new")
    assert await bare.refs("refs/pull/") == {"refs/pull/1/head": second}


async def test_odd_names_survive_in_trees_and_blobs(source: Source, bare: BareRepository) -> None:
    names = ["a b.txt", "new\nline", "tab\tname", "ünïcode/日本.md", '"quoted"', "-dash", ":(top)x"]
    head = source.commit_files("Odd", {name: name.encode() for name in names})
    await copied(source, bare)
    entries = {entry.path: entry for entry in await bare.tree(head)}
    assert set(entries) == {*names, "README.md", "a.txt"}
    assert entries["a b.txt"] == TreeEntry(
        "a b.txt", "100644", "blob", entries["a b.txt"].sha, len("a b.txt")
    )
    assert {name: await bare.read_blob(head, name) for name in names} == {
        name: name.encode() for name in names
    }
    assert await bare.read_blob(head, "../README.md") is None
    assert await bare.read_blob(head, "") is None

"""Merges without a work tree, and how commits stand to each other."""

import pytest

from shared.git.failures import GitBadInput
from shared.git.merging import Conflict, MergedTree, is_ancestor, merge, merge_base, touched_since
from tests.git.making import File, Repo, git

LINES = b"".join(b"line %d\n" % n for n in range(20))


async def test_two_sides_that_agree_give_a_tree_of_both(origin: Repo) -> None:
    base = origin.commit({b"a": LINES, b"b": b"1\n"})
    ours = origin.commit({b"a": b"top\n" + LINES, b"b": b"1\n"}, parents=[base])
    theirs = origin.commit({b"a": LINES + b"end\n", b"b": b"2\n"}, parents=[base], branch="t")

    merged = await merge(origin.git_dir, ours, theirs)

    assert merged == MergedTree(origin.tree({b"a": b"top\n" + LINES + b"end\n", b"b": b"2\n"}))


async def test_two_sides_that_do_not_agree_name_the_paths(origin: Repo) -> None:
    odd = "new\nline é".encode()
    base = origin.commit({b"a": b"1\n", odd: b"1\n", b"c": b"1\n", b"d": b"1\n"})
    ours = origin.commit({b"a": b"2\n", odd: b"2\n", b"c": b"1\n", b"d": b"9\n"}, parents=[base])
    theirs = origin.commit({b"a": b"3\n", odd: b"3\n", b"c": b"4\n"}, parents=[base], branch="t")

    conflict = await merge(origin.git_dir, ours, theirs)

    assert isinstance(conflict, Conflict)
    assert conflict.paths == ("a", "d", odd.decode())
    marked = git(origin.git_dir, "cat-file", "-p", f"{conflict.marked_tree}:a").splitlines()
    assert [line[:7] for line in marked] == ["<<<<<<<", "2", "=======", "3", ">>>>>>>"]
    assert git(origin.git_dir, "cat-file", "-p", f"{conflict.marked_tree}:c") == "4"


async def test_a_merge_changes_no_ref_and_runs_no_driver(origin: Repo) -> None:
    git(origin.git_dir, "config", "merge.evil.driver", "touch canary-of-the-merge")
    base = origin.commit({b"a": b"1\n", b".gitattributes": b"* merge=evil\n"})
    ours = origin.commit({b"a": b"2\n", b".gitattributes": b"* merge=evil\n"}, parents=[base])
    theirs = origin.commit(
        {b"a": b"3\n", b".gitattributes": b"* merge=evil\n"}, parents=[base], branch="t"
    )
    before = git(origin.git_dir, "for-each-ref")

    conflict = await merge(origin.git_dir, ours, theirs)

    assert isinstance(conflict, Conflict)
    assert conflict.paths == ("a",)
    assert git(origin.git_dir, "for-each-ref") == before
    assert list(origin.git_dir.rglob("canary*")) == []


async def test_histories_that_never_met_are_bad_input(origin: Repo) -> None:
    one = origin.commit({b"a": b"1"})
    other = origin.commit({b"a": b"1", b"b": b"2"}, branch="other")

    assert await merge_base(origin.git_dir, one, other) is None
    with pytest.raises(GitBadInput, match="unrelated histories"):
        await merge(origin.git_dir, one, other)


async def test_how_commits_stand_to_each_other(origin: Repo) -> None:
    base = origin.commit({b"a": b"1"})
    left = origin.commit({b"a": b"2"}, parents=[base])
    right = origin.commit({b"a": b"3"}, parents=[base], branch="r")

    assert await merge_base(origin.git_dir, left, right) == base
    assert await is_ancestor(origin.git_dir, base, left)
    assert await is_ancestor(origin.git_dir, left, left)
    assert not await is_ancestor(origin.git_dir, left, right)
    assert not await is_ancestor(origin.git_dir, left, base)
    with pytest.raises(GitBadInput):
        await is_ancestor(origin.git_dir, "1" * 40, base)
    with pytest.raises(GitBadInput, match="no such commit"):
        await merge(origin.git_dir, base, "1" * 40)


async def test_what_a_new_tip_touches_holds_both_names_of_a_rename(origin: Repo) -> None:
    old = origin.commit({b"a": LINES, b"keep": b"1", b"m": b"1"})
    new = origin.commit({b"d/b": LINES, b"keep": b"1", b"m": File(b"1", "100755")}, parents=[old])

    assert await touched_since(origin.git_dir, old, new) == {"a", "d/b", "m"}
    assert await touched_since(origin.git_dir, new, new) == set()

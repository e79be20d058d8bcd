"""TODO and FIXME comments."""

from pathlib import Path

import pytest

from services.pm_agent.finders import todo
from tests.pm_agent.findings import grouped, tree


@pytest.mark.parametrize(
    ("line", "marker", "text"),
    [
        ("x = 1  # TODO: retry", "TODO", "retry"),
        ("# TODO(ann, #12) - retry twice", "TODO", "retry twice"),
        ("// FIXME retry", "FIXME", "retry"),
        ("/* TODO: retry */", "TODO", "retry"),
        (" * TODO: retry", "TODO", "retry"),
        ("<!-- TODO: retry -->", "TODO", "retry"),
        ("- TODO retry", "TODO", "retry"),
        ("#TODO", "TODO", ""),
        ("-- FIXME: retry", "FIXME", "retry"),
    ],
)
async def test_a_marked_comment_is_found(tmp_path: Path, line: str, marker: str, text: str) -> None:
    (found,) = await todo.find(tree(tmp_path, {"a.txt": f"before\n{line}\nafter\n"}))
    assert (found.rule, found.text, found.line) == (marker, text, 2)
    assert "before" in found.shown
    assert "after" in found.shown


@pytest.mark.parametrize(
    "line",
    [
        "TODO_LIST = []",
        "# see TODO.md",
        "a TODO list for the user",
        'print("TODO")',
        "# todo lower case",
        "AUTODOC",
        "TODO/notes",
    ],
)
async def test_a_word_that_is_no_mark_is_left_alone(tmp_path: Path, line: str) -> None:
    assert await todo.find(tree(tmp_path, {"a.txt": line})) == []


async def test_generated_and_foreign_files_are_not_read(tmp_path: Path) -> None:
    line = "# TODO: x"
    files = dict.fromkeys(["uv.lock", "a.min.js", "vendor/a.py", "node_modules/b.js"], line)
    assert await todo.find(tree(tmp_path, files)) == []


async def test_each_comment_is_one_issue_that_moving_it_does_not_change(tmp_path: Path) -> None:
    text = "# TODO: one\n# FIXME: two\n# TODO: one\n"
    before = grouped(*await todo.find(tree(tmp_path / "a", {"m.py": text})))
    after = grouped(*await todo.find(tree(tmp_path / "b", {"m.py": "\n\n" + text})))
    assert [one.proposal.title for one in before] == [
        "Do what the TODO in `m.py` says: one",
        "Do what the FIXME in `m.py` says: two",
    ]
    assert [(one.proposal.proposal, one.proposal.content) for one in before] == [
        (one.proposal.proposal, one.proposal.content) for one in after
    ]
    assert not any(one.doable for one in before)

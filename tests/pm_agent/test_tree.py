"""The tree that finders look at."""

from pathlib import Path

from services.pm_agent.tree import TEXT_LIMIT_BYTES
from tests.pm_agent.findings import tree


def test_regular_files_are_listed_and_nothing_is_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("# TODO: leak")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "folder").symlink_to(outside)
    (inside / "link.py").symlink_to(outside / "secret.py")
    seen = tree(inside, {"b.py": "", "a/ü x.py": "", ".git/config": ""})
    assert seen.paths == ("a/ü x.py", "b.py")
    assert seen.folders == {"a"}
    assert seen.lines == []


def test_names_that_cannot_be_shown_are_left_out_and_counted(tmp_path: Path) -> None:
    for name in (b"a\nb.py", b"\xff.py", b"-x.py"):
        (tmp_path / name.decode("utf-8", "surrogateescape")).write_text("")
    seen = tree(tmp_path, {"c.py": ""})
    assert seen.paths == ("c.py",)
    assert seen.lines == ["3 files with names that cannot be shown were not looked at"]


def test_only_text_of_a_bearable_size_is_read(tmp_path: Path) -> None:
    seen = tree(tmp_path, {"a": "text", "big": "x" * (TEXT_LIMIT_BYTES + 1)})
    (tmp_path / "binary").write_bytes(b"a\0b")
    (tmp_path / "latin").write_bytes(b"\xe9")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    read = [seen.read(path) for path in ("a", "big", "binary", "latin", "link", "gone")]
    assert read == ["text", None, None, None, None, None]

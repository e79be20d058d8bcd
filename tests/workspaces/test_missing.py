"""What an export lacks is said on one line."""

from shared.git.export import Exported
from shared.workspaces import missing_parts, named


def test_nothing_is_said_when_all_is_there() -> None:
    assert missing_parts(Exported(("a.py",), (), ())) == ""


def test_submodules_and_lfs_are_named_on_one_line() -> None:
    exported = Exported((), ("sub",), ("big\n.bin", "b", "c", "d"))

    assert missing_parts(exported) == (
        "not in the work tree: the contents of 1 submodule(s) (sub) and the contents of 4 file(s) "
        "kept in Git LFS (big\\n.bin, b, c and 1 more)"
    )


def test_names_that_are_no_utf8_are_spelt_out() -> None:
    assert named(["caf\udce9", "\x1b[31m"]) == "caf\\udce9, \\x1b[31m"

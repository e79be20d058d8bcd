"""File names that must never come from an agent, one row for each spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.git.faults import WORDS, Fault, Reason
from shared.git.names import collisions, name_fault


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        (b".git", Fault.GIT_FOLDER_NAME),
        (b"a/.git/config", Fault.GIT_FOLDER_NAME),
        (b".GIT/hooks/x", Fault.GIT_FOLDER_NAME),
        (b"d/.gIt", Fault.GIT_FOLDER_NAME),
        (b"git~1", Fault.GIT_FOLDER_NAME),
        (b"GIT~1/config", Fault.GIT_FOLDER_NAME),
        (b"git~2", Fault.GIT_FOLDER_NAME),
        (".g\u200cit/config".encode(), Fault.GIT_FOLDER_NAME),
        ("\ufeff.git".encode(), Fault.GIT_FOLDER_NAME),
        (".git\u202e/x".encode(), Fault.GIT_FOLDER_NAME),
        (b".git./x", Fault.GIT_FOLDER_NAME),
        (b".git /x", Fault.GIT_FOLDER_NAME),
        (b".git. . /x", Fault.GIT_FOLDER_NAME),
        (b".git::$INDEX_ALLOCATION/x", Fault.GIT_FOLDER_NAME),
        (b".git:stream", Fault.GIT_FOLDER_NAME),
        (b"../x", Fault.PATH_TRAVERSAL),
        (b"a/../x", Fault.PATH_TRAVERSAL),
        (b"a/./x", Fault.PATH_TRAVERSAL),
        (b"a//x", Fault.PATH_TRAVERSAL),
        (b"", Fault.PATH_TRAVERSAL),
        (b"/etc/passwd", Fault.ABSOLUTE_PATH),
        (b"C:/x", Fault.ABSOLUTE_PATH),
        (b"a\\b", Fault.BACKSLASH),
        (b"..\\x", Fault.BACKSLASH),
        (b"new\nline", Fault.CONTROL_CHARACTERS),
        (b"\x1b[31m", Fault.CONTROL_CHARACTERS),
        ("c1\x9b".encode(), Fault.CONTROL_CHARACTERS),
        (b"caf\xe9", Fault.NOT_UTF8),
        (b"a/" + b"x" * 256, Fault.NAME_TOO_LONG),
        ("\u00e9".encode() * 128, Fault.NAME_TOO_LONG),
    ],
)
def test_i46_a_bad_name_has_its_own_reason(path: bytes, fault: Fault) -> None:
    assert name_fault(path) is fault


@pytest.mark.parametrize(
    "path",
    [
        b"a.py",
        b".gitignore",
        b".github/x",
        b"dir with space/\xc3\xa9.txt",
        b"...",
        b"git",
        b"gitx~1",
        b"a.git",
        b"x" * 255,
        "日本語/テスト.md".encode(),
        "👩\u200d💻.md".encode(),
    ],
)
def test_an_ordinary_name_is_fine(path: bytes) -> None:
    assert name_fault(path) is None


@given(st.binary(max_size=40))
def test_no_name_raises(path: bytes) -> None:
    fault = name_fault(path)
    assert fault is None or fault in set(Fault)


@pytest.mark.parametrize(
    ("changed", "every", "found"),
    [
        (["a"], ["a", "b"], []),
        (["A"], ["A", "a"], ["A"]),
        (["b"], ["A", "a", "b"], []),
        (["Src/a"], ["Src/a", "src/b"], ["Src/a"]),
        (["foo"], ["foo", "FOO/x"], ["foo"]),
        (["e\u0301"], ["e\u0301", "\u00e9"], ["e\u0301"]),
        (["STRASSE"], ["STRASSE", "stra\u00dfe"], ["STRASSE"]),
        (["src/new"], ["src/new", "src/old", "lib/new"], []),
    ],
)
def test_i46_what_some_file_system_cannot_keep_apart(
    changed: list[str], every: list[str], found: list[str]
) -> None:
    assert collisions(changed, every) == found


def test_every_fault_has_words_and_a_path_in_them_is_escaped() -> None:
    assert set(WORDS) == set(Fault)
    assert "\n" not in str(Reason(Fault.SYMLINK, "a\nb", "x"))

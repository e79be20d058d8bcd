"""Patterns over paths: the documented rules, one row each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.git.changes import ChangedFile, Diff
from shared.git.globs import allowed, among, in_scope, matches


def diff(*paths: str) -> Diff:
    files = (
        ChangedFile(path, "100644", "100644", "1" * 40, "2" * 40, 1, 1, False, 5) for path in paths
    )
    return Diff(tuple(files), 2 * len(paths))


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("README.md", ["README.md"], ["docs/README.md", "README.md2", "readme.md"]),
        ("src", ["src", "src/a.py", "src/a/b"], ["srcs/a", "a/src", "a/src/b"]),
        ("src/", ["src/a.py", "src/a/b"], ["src", "srcs/a", "a/src/b"]),
        ("src/**", ["src/a.py", "src/a/b/c"], ["src", "srcs/a", "a/src/b"]),
        ("src/*", ["src/a.py"], ["src/a/b.py", "src"]),
        ("src/*.py", ["src/a.py"], ["src/a/b.py", "a.py", "src/a.pyc"]),
        ("src/**/*.py", ["src/a.py", "src/x/y/b.py"], ["a.py", "src/a.txt"]),
        ("*.py", ["a.py", "src/x/b.py"], ["a.pyc", "a.py/x.txt"]),
        ("**/test_*.py", ["test_a.py", "x/y/test_b.py"], ["x/a_test.py"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["a/b/c", "b"]),
        ("**", ["a", "a/b", ".hidden"], []),
        ("v?.txt", ["v1.txt", "x/v2.txt"], ["v.txt", "v10.txt"]),
        ("src/[ab].py", ["src/a.py"], ["src/c.py", "src/[ab].pyx"]),
        ("src/[!ab].py", ["src/c.py"], ["src/a.py"]),
        ("app/[id].ts", ["app/[id].ts", "app/i.ts"], ["app/x.ts"]),
        ("docs/caf\u00e9.md", ["docs/cafe\u0301.md"], ["docs/cafe.md"]),
        ("a b/*.txt", ["a b/new\nline.txt"], ["ab/x.txt"]),
        ("src/../etc", [], ["etc", "src/etc"]),
        ("", [], ["a", "a/b"]),
        ("/", [], ["a", "a/b"]),
    ],
)
def test_a_pattern_names_what_the_rules_say(
    pattern: str, inside: list[str], outside: list[str]
) -> None:
    assert [p for p in inside if not matches(p, pattern)] == []
    assert [p for p in outside if matches(p, pattern)] == []


def test_i27_what_matches_no_pattern_is_out_of_scope() -> None:
    change = diff("src/a.py", "docs/a.md", "setup.py", "SRC/b.py")

    assert in_scope(change, ["src/**", "*.md"]) == ["setup.py", "SRC/b.py"]
    assert in_scope(change, []) == ["src/a.py", "docs/a.md", "setup.py", "SRC/b.py"]


@given(st.text(alphabet="ab*?[]!/.", max_size=12), st.text(alphabet="ab/.", max_size=12))
def test_no_pattern_raises_and_every_path_matches_itself(pattern: str, path: str) -> None:
    assert matches(path, pattern) in (True, False)
    assert matches(path, path)
    assert matches(pattern, pattern)


@pytest.mark.timeout(20)
def test_a_pattern_made_to_be_slow_is_not() -> None:
    assert not matches("a" * 250, "*a" * 60 + "b")
    assert not matches("/".join(["a"] * 500), "/".join(["**", "a"] * 100) + "/b")


def test_a_path_is_among_patterns_when_one_of_them_names_it() -> None:
    assert among("src/a.py", ("docs/", "src/"))
    assert not among("src/a.py", ("docs/",))
    assert not among("src/a.py", ())


@pytest.mark.parametrize(
    ("path", "allow", "deny", "may"),
    [
        ("src/a.py", ("**",), (), True),
        ("src/a.py", ("src/",), ("src/gen/",), True),
        ("src/gen/a.py", ("src/",), ("src/gen/",), False),
        ("docs/a.md", ("src/",), (), False),
        ("src/a.py", (), (), False),
    ],
)
def test_what_is_denied_is_not_allowed_whatever_else_allows_it(
    path: str, allow: tuple[str, ...], deny: tuple[str, ...], may: bool
) -> None:
    assert allowed(path, allow=allow, deny=deny) is may

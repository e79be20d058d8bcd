"""The one spelling of a path."""

import posixpath
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.forge.paths import canonical, matches, segment, segments


@pytest.mark.parametrize(
    ("raw", "decoded"),
    [
        ("/repos/octo/hello", ("repos", "octo", "hello")),
        ("/labels/C%23", ("labels", "C#")),
        ("/labels/area%2Fui", ("labels", "area/ui")),
        ("/contents/%C3%A9t%C3%A9.md", ("contents", "été.md")),
    ],
)
def test_a_plain_path_is_its_decoded_segments(raw: str, decoded: tuple[str, ...]) -> None:
    assert canonical(raw) == decoded


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "repos",
        "/",
        "/repos//octo",
        "/repos/octo/",
        "/%6derge",
        "/MERGE%2f",
        "/x/../merge",
        "/x/./merge",
        "/x/%2E%2E/merge",
        "/labels/x%2F..%2Fmerge",
        "/labels/%252E%252E%252Fmerge",
        "/labels/x%5C..%5Cmerge",
        "/a;b",
        "/a b",
        "/%FF",
        "/%",
        "/%zz",
    ],
)
def test_a_path_that_could_be_spelled_in_another_way_is_none(raw: str) -> None:
    assert canonical(raw) is None


@given(st.text(min_size=1, max_size=30))
def test_whatever_a_segment_holds_no_server_finds_its_way_out_of_it(text: str) -> None:
    try:
        raw = f"/repos/o/r/labels/{segment(text)}"
    except UnicodeEncodeError:
        return
    if canonical(raw) is None:
        return
    decoded = raw
    for _ in range(4):
        decoded = unquote(decoded).replace("\\", "/")
        resolved = posixpath.normpath(decoded)
        assert resolved.startswith("/repos/o/r/labels/")


def test_segments_keeps_its_slashes_and_quotes_the_rest() -> None:
    assert segments("docs/a b#.md") == "docs/a%20b%23.md"


def test_a_template_matches_kinds_and_a_tail() -> None:
    assert matches(("issues", "{n}"), ("issues", "7"))
    assert not matches(("issues", "{n}"), ("issues", "07"))
    assert not matches(("issues", "{n}"), ("issues", "7", "lock"))
    assert matches(("contents", "{words*}"), ("contents", "a", "b"))
    assert not matches(("contents", "{words*}"), ("contents",))
    assert matches(("users", "{login}"), ("users", "gatefleet[bot]"))
    assert not matches(("commits", "{sha}"), ("commits", "main"))

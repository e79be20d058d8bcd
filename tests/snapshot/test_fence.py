"""I-48, D5: text of models and tools acts on nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from shared.snapshot.fence import fenced, neutralise, one_line

PIECES = st.sampled_from(
    [
        "@ann", "@octo/team", "#12", "fixes #1", "Closes: octo/hello#3", "GH-4", "/approve", "\n", "\n\n",
        "`", "``", "```", "~~~", "\\", "|", " ", ".", "-", "- ", "> ", "1. ", "https://e.com/a", "(",
        "[t](http://x)", "![a](http://x)", "<b>", "<!-- x -->", "https://forge/octo/hello/issues/1", "a",
        ")", "    ", "*", "_", "#", "@", "<details>", "http://", "\t",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=20).map("".join)


def live_text(text: str) -> str:
    """What a renderer treats as ordinary text: everything but code, by an independent parser."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return "\n".join(_texts(tokens))


def _texts(tokens: list[Token]) -> list[str]:
    found: list[str] = []
    for token in tokens:
        if token.type == "inline":
            # a code span ends a word: what follows it would be read as a new one
            inner = token.children or []
            found.append(
                "".join(
                    " " if t.type == "code_inline" else "\n" if "break" in t.type else t.content
                    for t in inner
                )
            )
            assert not [t.type for t in inner if t.type in ("link_open", "image", "html_inline")]
        assert token.type != "html_block"
    return found


@given(TEXTS)
def test_i48_nothing_in_neutralised_text_is_live(text: str) -> None:
    alive = live_text(neutralise(text))

    assert re.search(r"(?<!\w)@[A-Za-z0-9]", alive) is None
    assert re.search(r"#\d", alive) is None
    assert re.search(r"(?i)https?://[^\s`<>|\\]|\bGH-\d", alive) is None
    assert re.search(r"(?m)^\s*/[A-Za-z]", alive) is None
    assert "<!--" not in alive


@given(TEXTS)
def test_i48_neutralising_never_opens_a_fence_that_swallows_what_follows(text: str) -> None:
    tail = "the end of ours"

    assert tail in live_text(f"{neutralise(text)}\n\n{tail}").replace("\n", " ")


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("thanks @ann, fixes #1", "thanks `@ann`, fixes `#1`"),
        ("/approve", "`/approve`"),
        ("see `@ann` in `x`", "see `@ann` in `x`"),
        ("mail a@b.example", "mail a@b.example"),
        ("![x](http://e.com/p.png)", "{image: x}"),
        ("closes octo/hello#2", "closes `octo/hello#2`"),
    ],
)
def test_d5_examples(text: str, out: str) -> None:
    assert neutralise(text) == out


def test_d5_links_to_the_same_repository_stay() -> None:
    page = "https://forge/octo/hello"

    assert neutralise(f"{page}/issues/1", allow=page) == f"{page}/issues/1"
    assert neutralise(f"{page}-evil/1", allow=page) == f"`{page}-evil/1`"


@given(st.text(alphabet="`a\n~", max_size=40))
def test_a_fence_is_longer_than_any_inside(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(fenced(text))

    assert [token.type for token in tokens] == ["fence"]
    assert tokens[0].content.removesuffix("\n") == text.removesuffix("\n")


def test_one_line_is_one_line() -> None:
    assert one_line("a\nb @ann") == "a b `@ann`"
    assert len(one_line("x" * 500, 80)) == 80

"""D2: what an agent reads is what a person can see, and sanitising is stable."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.snapshot.sanitise import (
    BODY_BYTES,
    BODY_LINES,
    CUT_BODY,
    CUT_TITLE,
    TITLE_CHARACTERS,
    Kind,
    sanitise,
)

PIECES = st.sampled_from(
    [
        "<!--", "-->", "<!-->", "<!--->", "<", ">", "!", "--", "[", "]", "(", ")", "![", "](", "]:",
        "[//]: # (", "[a]: http://x \"t\"", "[comment]: <>", "#", "\n", "\n\n", "\r\n", "\r", " ", "\t",
        "<details>", "<DETAILS class=x>", "</details>", "<summary>", "<img alt='a' src=b>", "<img ",
        "javascript:", "java", "script:x", "data:image/png;base64,AA", "data: x", "\"t\"", "'t'", "(t)",
        "\u200b", "\u202e", "\ufeff", "\U000e0041", "\ufe0f", "❤\ufe0f", "\ue000", "\ud800", "\udc00",
        "\x1b[31m", "\x1b]0;t\x07", "\x9b1m", "\x00", "\x85", "\u2028", "e\u0301", "\u0301", "`", "```\n",
        "~~~", "&lt;", "\\", "a", "Δ", "#1", "@x", "- ", "> ", "1. ", "x" * 300, "<details", "\u0338",
    ]
)  # fmt: skip
HOSTILE = st.lists(PIECES | st.text(max_size=8), max_size=30).map("".join)
KINDS = st.sampled_from(["title", "body", "comment"])


@given(HOSTILE, KINDS)
@example(
    "[![[![[![[![[![[![[![[![a](b)](c)](d)](e)](f)](g)](h)](i)](j)](k)](l)](m)](n)](o)", "body"
)
@example("![" * 40 + "a" + "](b)" * 40, "body")
def test_d2_sanitising_twice_is_sanitising_once(text: str, kind: Kind) -> None:
    once = sanitise(text, kind)

    twice = sanitise(once.text, kind)

    assert twice.text == once.text
    assert twice.removed == ()


@given(HOSTILE, KINDS)
def test_d2_only_allowed_characters_and_no_hidden_markup_come_out(text: str, kind: Kind) -> None:
    out = sanitise(text, kind).text

    allowed_controls = {"\n", "\t"}
    bad = {c for c in out if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cf")}
    # U+0600..0605 and a few others are format characters that have a shape of their own
    assert {c for c in bad - allowed_controls if c not in _SHAPED} == set()
    assert unicodedata.is_normalized("NFC", out)
    assert "<!--" not in out
    assert re.search(r"<(?!details open>|/details>|summary>|/summary>)[A-Za-z/!?]", out) is None
    assert re.search(r"!\[[^\[\]]*\]\([^()\s]*\)", out) is None
    assert re.search(r"^\[[^\[\]\n]+\]:", out, re.MULTILINE) is None
    assert re.search(r"(?i)javascript:[a-z]", out) is None


_SHAPED = {chr(c) for c in (*range(0x600, 0x606), *range(0x13430, 0x13440))} | set(
    "\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)


@given(st.text(alphabet="ab\né<", min_size=0, max_size=50), st.integers(1, 4000), KINDS)
def test_d2_the_result_is_never_longer_than_its_cap(part: str, times: int, kind: Kind) -> None:
    text = (part * times)[:200_000]

    out = sanitise(text, kind).text

    if kind == "title":
        assert len(out) <= TITLE_CHARACTERS
        assert "\n" not in out
    else:
        assert len(out.encode()) <= BODY_BYTES
        assert out.count("\n") < BODY_LINES
    assert sanitise(out, kind).text == out


def test_d2_a_cut_is_visible_and_counted() -> None:
    title, body = sanitise("x" * 300, "title"), sanitise("y\n" * 3000, "body")

    assert title.text.endswith(CUT_TITLE)
    assert body.text.endswith(CUT_BODY)
    assert title.removed == body.removed == ("1 overlong text",)


@pytest.mark.parametrize(
    ("text", "out", "removed"),
    [
        ("a<!-- b -->c", "ac", ("1 HTML comment",)),
        ("a<!-- b", "a", ("1 HTML comment",)),
        ("a<!--> b", "a b", ("1 HTML comment",)),
        ("<!<!-- x -->-- evil -->", "&lt;!-- evil -->", ("1 HTML comment", "1 tag shown as text")),
        ("<!\u200b-- x -->", "", ("1 HTML comment", "1 invisible character")),
        ("[//]: # (hidden)\nx", "\nx", ("1 reference comment",)),
        ("[//]: # (hid\\)den)\nx", "\nx", ("1 reference comment",)),
        ("> [comment]: <> 'hid\nden'", "> ", ("1 reference comment",)),
        ("[a]: http://x 'evil'", "\\[a]: http://x 'evil'", ()),
        ("![alt](http://x/y.png)", "{image: alt}", ("1 image address",)),
        ("<img src=http://x alt='see this'>", "{image: see this}", ("1 image address",)),
        ('[t](http://x "evil")', "[t](http://x) {title: evil}", ("1 link title shown as text",)),
        ("[t](javascript:x)", "[t] {address dropped}", ("1 script or data address",)),
        ("[t](java&#115;cript:x)", "[t] {address dropped}", ("1 script or data address",)),
        ("data:image/png;base64,AAAA x", "{address dropped} x", ("1 script or data address",)),
        ("the data: it is", "the data: it is", ()),
        ("<details class=q><summary>s</summary>t</details>",
         "<details open><summary>s</summary>t</details>", ()),
        ("<span hidden>x</span>", "&lt;span hidden>x&lt;/span>", ("2 tags shown as text",)),
        ("a < b && c<3", "a < b && c<3", ()),
        ("a\r\nb\rc", "a\nb\nc", ()),
        ("e\u0301", "é", ()),
        ("ﬁ ²", "ﬁ ²", ()),
        ("\x1b[31mred\x1b[0m", "red", ("2 invisible characters",)),
        ("x\U000e0049\U000e0047y", "xy", ("2 invisible characters",)),
        ("❤\ufe0f\ufe0f a\ufe0f", "❤\ufe0f a", ("2 invisible characters",)),
        ("a\ud800b", "ab", ("1 invisible character",)),
        ("a\ufffdb", "a\ufffdb", ()),
        ("пaypal", "пaypal", ()),
    ],
)  # fmt: skip
def test_d2_hidden_text_goes_or_becomes_visible(
    text: str, out: str, removed: tuple[str, ...]
) -> None:
    result = sanitise(text, "body")

    assert (result.text, result.removed) == (out, removed)


@pytest.mark.parametrize("before", range(TITLE_CHARACTERS - 40, TITLE_CHARACTERS))
def test_d2_a_cut_inside_a_tag_or_link_is_as_stable_as_any(before: int) -> None:
    for end in (
        "<details open>",
        "[t](http://x)",
        "data:image/png;base64,AAAA",
        "&lt;b",
        "javascript:x",
    ):
        out = sanitise("x" * before + end * 9, "title").text

        assert len(out) <= TITLE_CHARACTERS
        assert sanitise(out, "title").text == out


def test_d2_a_title_is_one_line() -> None:
    assert sanitise("a\nb \t c ", "title").text == "a b c"


def test_d2_a_deeply_nested_puzzle_ends() -> None:
    text = "[![" * 5000 + "x" + "](a)](b)" * 5000

    out = sanitise(text, "body").text

    assert sanitise(out, "body").text == out

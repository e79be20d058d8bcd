"""The visible `gatefleet` block: read, written, and untouched by the sanitiser."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.messages.content import Brief
from shared.snapshot.brief import BriefError, read_brief, write_brief
from shared.snapshot.sanitise import sanitise

TEXTS = st.lists(
    st.text(max_size=30)
    | st.sampled_from(["```", "<!-- x -->", "![a](b)", "é", "[//]: # (x)", "a\nb"]),
    max_size=4,
).map(tuple)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
@example(
    ("src/**", "weird name\n.py"), ("E501",), ("tests/test_a.py::test_b",), ("List<int> stays",)
)
def test_a_brief_survives_writing_sanitising_and_reading(
    paths: tuple[str, ...],
    rules: tuple[str, ...],
    tests: tuple[str, ...],
    criteria: tuple[str, ...],
) -> None:
    brief = Brief(paths=paths, rules=rules, tests=tests, criteria=criteria)

    block = write_brief(brief)

    assert sanitise(block, "body").text == block
    assert sanitise(block, "body").removed == ()
    assert read_brief(f"Why.\n\n{block}\n\nfooter") == brief


def test_a_plain_brief_is_readable() -> None:
    written = write_brief(Brief(paths=("src/a.py",), criteria=("résumé is read",)))

    assert written == '```gatefleet\npaths:\n  - "src/a.py"\ncriteria:\n  - "résumé is read"\n```'


def test_half_a_link_in_the_text_finds_no_other_half_in_the_block() -> None:
    brief = Brief(paths=("](http://x 'evil')", "app/[id].ts"), criteria=("<details open>",))

    body = sanitise(f"[see\n\n{write_brief(brief)}", "body").text

    assert read_brief(body) == brief


def test_no_block_is_an_empty_brief() -> None:
    assert read_brief("just text") == Brief()
    assert read_brief("```gatefleet\n```") == Brief()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("```gatefleet\npath: [a]\n```", "`path` is not a key"),
        ("```gatefleet\npaths: a\n```", "`paths` in the `gatefleet` block must be a list"),
        ("```gatefleet\npaths: [[a]]\n```", "must be a mapping with the keys paths, rules"),
        ("```gatefleet\n- a\n```", "must be a mapping"),
        ("```gatefleet\npaths: [a]\npaths: [b]\n```", "`paths` stands twice"),
        ("```gatefleet\npaths: [a\n```", "not valid YAML"),
        ("```gatefleet\npaths: [a]\n", "is not closed"),
        ("```gatefleet\n```\n\n```gatefleet\n```", "there are 2"),
        ("```gatefleet\npaths: ['" + "a" * 17_000 + "']\n```", "longer than"),
        ('```gatefleet\npaths: ["\\ud800"]\n```', "must be a list of texts"),
        ("```gatefleet\n" + "[" * 5000 + "\n```", "must be a mapping"),
        ("```gatefleet\na: &x [1]\nb: *x\n```", "`a` is not a key"),
    ],
)
def test_a_wrong_block_is_an_error_in_words(body: str, words: str) -> None:
    result = read_brief(body)

    assert isinstance(result, BriefError)
    assert words in result.text
    assert "\n" not in result.text


@pytest.mark.parametrize(
    "body",
    [
        "<!--\n```gatefleet\npaths: [a]\n```\n-->",
        "````\n```gatefleet\npaths: [a]\n```\n````",
        "~~~\n```gatefleet\npaths: [a]\n```\n~~~",
        "> ```gatefleet\n> paths: [a]\n> ```",
        "    ```gatefleet\n    paths: [a]\n    ```",
        "```gatefleet2\npaths: [a]\n```",
    ],
)
def test_a_hidden_or_quoted_block_is_none(body: str) -> None:
    assert read_brief(body) == Brief()


def test_numbers_and_words_of_yaml_stay_texts() -> None:
    assert read_brief("```gatefleet\nrules: [501, on, 2024-13-45, null]\n```") == Brief(
        rules=("501", "on", "2024-13-45", "null")
    )


def test_a_name_in_backticks_stands_in_the_block_as_people_write_it() -> None:
    """What is shown at gate 1 is read by people: escapes only where markup would change the text."""
    brief = Brief(criteria=("`ruff check` reports no F401 in `a.py`.", "half a ` span", "``two``"))
    block = write_brief(brief)
    assert '  - "`ruff check` reports no F401 in `a.py`."' in block.splitlines()
    assert "half a \\u0060 span" in block
    assert read_brief(f"Some `text` before.\n\n{block}\n\nAnd `text` after.") == brief

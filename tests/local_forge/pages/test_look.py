"""Times, labels and the stylesheet's digest."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from services.local_forge.pages.look import (
    age,
    counted,
    hue_class,
    stylesheet,
    stylesheet_source,
    with_code,
)

NOW = datetime(2030, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=40), "on 24 Jan 2030"),
    ],
)
def test_an_age_in_words(ago: timedelta, words: str) -> None:
    assert age(NOW - ago, NOW) == words


@pytest.mark.parametrize(
    ("color", "css"),
    [
        ("ff0000", "hue-0"),
        ("0e8a16", "hue-4"),
        ("c5def5", "hue-7"),
        ("ededed", "hue-grey"),
        ("ff00", "hue-grey"),
        ("nothex", "hue-grey"),
    ],
)
def test_a_label_gets_a_class_for_its_hue(color: str, css: str) -> None:
    assert hue_class(color) == css


def test_every_class_of_a_hue_is_in_the_stylesheet() -> None:
    names = {f"hue-{number}" for number in range(12)} | {"hue-grey"}
    assert {name for name in names if f".{name} {{" not in stylesheet()} == set()


def test_the_policy_names_the_stylesheets_digest() -> None:
    digest = base64.b64encode(hashlib.sha256(stylesheet().encode()).digest()).decode()
    assert stylesheet_source() == f"'sha256-{digest}'"


def test_counted() -> None:
    assert [counted(n, "file") for n in (0, 1, 2)] == ["0 files", "1 file", "2 files"]


@pytest.mark.parametrize(
    ("title", "html"),
    [
        ("Mend `a.py` and `b.py`", "Mend <code>a.py</code> and <code>b.py</code>"),
        ("`<b>` & <b>", "<code>&lt;b&gt;</code> &amp; &lt;b&gt;"),
        ("a ` alone, `` twice", "a ` alone, `` twice"),
        ("", ""),
    ],
)
def test_a_title_shows_its_code_spans_and_nothing_else_of_it_acts(title: str, html: str) -> None:
    assert with_code(title) == html

"""Whatever a page of the documentation links to or names as a file is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
FILE = re.compile(r"`((?:services|shared|tests|docs)/[\w./-]+\.(?:py|md|json))`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [page.parent / found for found in LINK.findall(text)]
    named = [ROOT / found for found in FILE.findall(text)]
    assert [str(path) for path in (*links, *named) if not path.exists()] == []


def test_every_page_is_reached_from_another() -> None:
    linked = {
        (page.parent / found).resolve()
        for page in PAGES
        for found in LINK.findall(page.read_text(encoding="utf-8"))
    }
    assert [
        str(page) for page in PAGES[1:] if page not in linked and page.parent not in linked
    ] == []

"""People's Markdown: nothing acts, nothing is fetched, nothing is hidden."""

import re

import pytest

from services.local_forge.pages.markdown import HIDDEN_TITLE, render_markdown


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "x <img src=x onerror=alert(1)> y",
        "<a href='javascript:alert(1)'>x</a>",
        "<details onclick=alert(1)>",
        "<svg/onload=alert(1)>",
        "<style>*{display:none}</style>",
        "<form action=/x><input></form>",
        "<details><details><b></details></details>",
        "```\n</code></pre><script>alert(1)</script>\n```",
    ],
)
def test_no_tag_of_an_author_survives(text: str) -> None:
    tags = re.findall(r"<[^>]*>", render_markdown(text))
    own = re.compile(
        r"</?(p|pre|code|summary)>|<details open>|</details>|<code class=\"language-\w*\">"
    )
    assert [tag for tag in tags if not own.fullmatch(tag)] == []


@pytest.mark.parametrize("url", ["javascript:alert(1)", "vbscript:x", "data:text/html,x"])
def test_a_link_that_runs_code_is_no_link(url: str) -> None:
    assert "<a " not in render_markdown(f"[x]({url})")


def test_a_link_tells_its_target_nothing() -> None:
    assert render_markdown("[x](https://example.org)") == (
        '<p><a href="https://example.org" rel="nofollow noopener noreferrer">x</a></p>\n'
    )


def test_a_picture_is_named_and_not_fetched() -> None:
    assert render_markdown("![who reads](https://example.org/x.png)") == (
        '<p><span class="picture">🖼 who reads</span></p>\n'
    )


def test_an_html_comment_is_shown() -> None:
    shown = render_markdown("a <!-- do <b>evil</b> --> b\n\n<!--\nblock\n-->")
    span = f'<span class="hidden" title="{HIDDEN_TITLE}">'
    assert f"{span}&lt;!-- do &lt;b&gt;evil&lt;/b&gt; --&gt;</span>" in shown
    assert f"{span}&lt;!--\nblock\n--&gt;</span>" in shown


def test_balanced_details_are_open_and_others_are_text() -> None:
    good = render_markdown("<details><summary>Log</summary>\n\ntext\n\n</details>")
    assert "<details open><summary>Log</summary>" in good
    assert "</details>" in good
    for bad in ("<details>", "</details>", "<summary></details></summary><details>"):
        assert "<details" not in render_markdown(bad)
        assert "</details" not in render_markdown(bad)


def test_numbers_are_links_but_not_in_code_or_links() -> None:
    shown = render_markdown("#7 and `#8`, [#9](https://x.org) a#1 /#2", home="/octo/hello")
    assert '<a href="/octo/hello/issues/7">#7</a>' in shown
    assert shown.count("/octo/hello/issues/") == 1
    assert "<a" not in render_markdown("#7")


def test_task_lists_and_tables() -> None:
    assert "<li>☑ done</li>" in render_markdown("- [x] done")
    assert "<li>☐ open</li>" in render_markdown("- [ ] open")
    assert "<td>1</td>" in render_markdown("| a |\n|---|\n| 1 |")


def test_nothing_is_nothing() -> None:
    assert render_markdown(None) == ""

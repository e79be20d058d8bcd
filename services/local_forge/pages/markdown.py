"""People's Markdown as HTML that cannot do anything: no raw tags, no foreign pictures, nothing hidden.

What an author would hide is shown: HTML comments stand in small print, because whoever approves a text
should see all that somebody else's tools may read. `<details>` passes where it is balanced, and is open.
"""

import re
from collections.abc import MutableMapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

HIDDEN_TITLE = "An HTML comment: other tools hide it from readers"

_PIECE = re.compile(r"(<!--.*?-->|</?(?:details|summary|br|sub|sup|kbd)\s*/?>)", re.DOTALL)
_PAIRED = re.compile(r"<(/?)(details|summary|sub|sup|kbd)\s*>")
_NUMBER = re.compile(r"(?<![\w/&#])#(\d{1,9})\b")
_TASK = re.compile(r"^\[([ xX])\] ")


class _Renderer(RendererHTML):
    """The four rules in which we differ from plain CommonMark."""

    def text(
        self,
        tokens: Sequence[Token],
        idx: int,
        options: OptionsDict,
        env: MutableMapping[str, Any],
    ) -> str:
        """Text, with `#7` as a link and `[x]` at a line's start as a box."""
        shown = str(escape(tokens[idx].content))
        if idx == 0:
            shown = _TASK.sub(lambda box: "☐ " if box[1] == " " else "☑ ", shown)
        inside_link = sum(token.nesting for token in tokens[:idx] if token.tag == "a")
        if inside_link or "home" not in env:
            return shown
        return _NUMBER.sub(rf'<a href="{escape(env["home"])}/issues/\1">#\1</a>', shown)

    def image(
        self,
        tokens: Sequence[Token],
        idx: int,
        options: OptionsDict,
        env: MutableMapping[str, Any],
    ) -> str:
        """A picture is named, not fetched: fetching would tell its server who reads."""
        return f'<span class="picture">🖼 {escape(tokens[idx].content or "picture")}</span>'

    def html_block(
        self,
        tokens: Sequence[Token],
        idx: int,
        options: OptionsDict,
        env: MutableMapping[str, Any],
    ) -> str:
        """Raw HTML, made harmless."""
        return _harmless(tokens[idx].content, balanced=bool(env.get("balanced")))

    html_inline = html_block

    def link_open(
        self,
        tokens: Sequence[Token],
        idx: int,
        options: OptionsDict,
        env: MutableMapping[str, Any],
    ) -> str:
        """A link that tells its target nothing."""
        tokens[idx].attrSet("rel", "nofollow noopener noreferrer")
        return self.renderToken(tokens, idx, options, env)


def render_markdown(text: str | None, *, home: str | None = None) -> Markup:
    """Safe HTML of `text`; `home` is the repository's page, which `#7` is a link under."""
    parser = MarkdownIt("commonmark", {"html": True}, renderer_cls=_Renderer)
    parser.enable(["table", "strikethrough"])
    env: dict[str, Any] = {} if home is None else {"home": home}
    tokens = parser.parse(text or "", env)
    env["balanced"] = _balanced(tokens)
    return Markup(parser.renderer.render(tokens, parser.options, env))  # noqa: S704 - escaped above


def _harmless(html: str, *, balanced: bool) -> str:
    shown: list[str] = []
    for piece in _PIECE.split(html):
        if piece.startswith("<!--"):
            shown.append(f'<span class="hidden" title="{HIDDEN_TITLE}">{escape(piece)}</span>')
        elif _PIECE.fullmatch(piece) and (balanced or piece.startswith("<br")):
            shown.append("<details open>" if piece.startswith("<details") else piece)
        else:
            shown.append(str(escape(piece)))
    return "".join(shown)


def _balanced(tokens: Sequence[Token]) -> bool:
    """Whether the tags that pass open and close in order, so that none reaches out of the text."""
    open_tags: list[str] = []
    flat = [child for token in tokens for child in (token.children or [token])]
    for token in flat:
        if token.type not in {"html_block", "html_inline"}:
            continue
        for closing, name in _PAIRED.findall(token.content):
            if not closing:
                open_tags.append(name)
            elif not open_tags or open_tags.pop() != name:
                return False
    return not open_tags

"""What the demo shows: lines as they happen, and below them a picture that stays in place."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from services.demo.picture import Picture, Row
from services.demo.telling import Tone
from shared.snapshot.invisible import visible

_STYLES: dict[Tone, tuple[str, str]] = {
    "step": ("·", ""),
    "good": ("✓", "green"),
    "bad": ("!", "yellow"),
    "ask": ("?", "cyan"),
    "quiet": (" ", "dim"),
}
_INDENT = 7
_GUTTER = "    | "
_STATE_WIDTH = 20


class Screen:
    """Lines on a terminal above a steady picture; lines alone where there is no terminal."""

    def __init__(
        self, stream: TextIO, *, width: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """`width` and `environment` (TERM, NO_COLOR, COLUMNS): those of the process by default."""
        self._console = Console(
            file=stream, highlight=False, soft_wrap=True, width=width, _environ=environment
        )
        self._steady = self._console.is_terminal and not self._console.is_dumb_terminal
        self._live: Live | None = None
        self._painted: tuple[Picture, int] | None = None
        self._asked = ""

    def title(self, text: str) -> None:
        """A heading."""
        self._print(Text(plain(text), style="bold"))

    def say(self, issue: int, text: str, tone: Tone = "step") -> None:
        """One line, about an issue or (0) about everything."""
        sign, style = _STYLES[tone]
        subject = f"#{issue:<4}" if issue else "     "
        self._print(Text(self._wrapped(f"{sign} {subject}{plain(text)}"), style=style))

    def link(self, url: str) -> None:
        """An address, from the left and unbroken, so that a terminal knows it for one."""
        self._print(Text(plain(url), style="cyan"))

    def text(self, lines: Sequence[str]) -> None:
        """Somebody else's text, marked at its side so that no line of it looks like ours."""
        for line in lines:
            for part in self._folded(plain(line)):
                self._print(Text(f"{_GUTTER}{part}"))

    def paint(self, picture: Picture) -> None:
        """Keep this at the bottom. Where nothing can stay in place, a new question is a line."""
        if not self._steady:
            if picture.question and picture.question != self._asked and self._console.is_terminal:
                self.say(0, f"{picture.question} [{picture.keys}]", "ask")
            self._asked = picture.question
            return
        if self._painted == (picture, self._console.width):
            return
        self._painted = (picture, self._console.width)
        if self._live is None:
            self._live = Live(
                console=self._console, auto_refresh=False, transient=True,
                redirect_stdout=False, redirect_stderr=False, vertical_overflow="crop",
            )  # fmt: skip
            self._live.start()
        self._live.update(_drawn(picture), refresh=True)

    def still(self) -> None:
        """Take the picture away."""
        if self._live is not None:
            self._live.stop()
            self._live = self._painted = None

    def _print(self, text: Text) -> None:
        self._console.print(text)

    def _folded(self, line: str) -> list[str]:
        """As wide as the terminal is: it would go on at the left edge by itself, where we speak."""
        if not self._console.is_terminal:
            return [line]
        room = max(self._console.width - len(_GUTTER), 1)
        return [part.plain for part in Text(line).wrap(self._console, room)] or [""]

    def _wrapped(self, line: str) -> str:
        """Broken between words under its beginning on a terminal; one line for programs."""
        if not self._console.is_terminal:
            return line
        return "\n".join(textwrap.wrap(
            line, max(self._console.width, 40), subsequent_indent=" " * _INDENT,
            break_long_words=False, break_on_hyphens=False, drop_whitespace=True,
        ))  # fmt: skip


def plain(text: str) -> str:
    """One line without anything that could move a cursor: titles and reports are strangers' words."""
    return visible(text)[0].replace("\n", " ")


def _drawn(picture: Picture) -> Group:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, min_width=_STATE_WIDTH)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    table.expand = True
    for row in picture.rows:
        table.add_row(*_cells(row))
    parts: list[RenderableType] = [
        Rule(style="dim", characters="-"),
        table,
        Text(plain(picture.footer), style="dim"),
    ]
    if picture.question:
        asked = Text(plain(picture.question), style="bold cyan", overflow="fold", no_wrap=False)
        parts += [asked, Text(f"  {picture.keys}", style="cyan")]
    return Group(*parts)


def _cells(row: Row) -> tuple[Text, Text, Text]:
    style = _STYLES[row.tone][1]
    number = f"#{row.number}" if row.number else ""
    return (
        Text(number, style=style),
        Text(row.state, style=style),
        Text(plain(row.doing), overflow="ellipsis", no_wrap=True),
    )

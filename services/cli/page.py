"""A page of text for a terminal or a pipe: made whole, then written; colours only where they show."""

import os
import sys
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import TextIO

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from services.fleet.voice import quieten
from shared.snapshot.invisible import visible

PIPE_WIDTH = 100
"""Of lines that nobody's terminal has to fit."""
NARROW = 84
"""Below this, what does not fit into columns goes below the title."""
NEXT = "→ "
QUOTE = "│ "


class Page:
    """What is painted here is written by `show`, all at once."""

    def __init__(
        self, stream: TextIO | None = None, *, environment: Mapping[str, str] | None = None
    ) -> None:
        """`stream` and `environment` (TERM, NO_COLOR, COLUMNS): those of the process by default."""
        self._stream = sys.stdout if stream is None else stream
        env = os.environ if environment is None else environment
        self._is_terminal = is_terminal = self._stream.isatty()
        probe = Console(file=self._stream, _environ=env)
        self._console = Console(
            file=StringIO(), highlight=False, force_terminal=is_terminal,
            color_system="standard" if probe.color_system and is_terminal else None,
            no_color=probe.no_color, width=probe.width if is_terminal else PIPE_WIDTH,
            _environ=env,
        )  # fmt: skip

    @property
    def width(self) -> int:
        """In characters."""
        return self._console.width

    @property
    def is_narrow(self) -> bool:
        """Whether there is no room for many columns."""
        return self.width < NARROW

    def add(self, *things: RenderableType) -> None:
        """Paint below what is there."""
        for thing in things:
            self._console.print(thing)

    def line(self, words: str, *, style: str = "") -> None:
        """A line of words: in a pipe it stays one, on a terminal it is wrapped between words."""
        if self._is_terminal:
            self.add(Text(words, style=style))
        else:
            self.write(words)

    def write(self, line: str) -> None:
        """A line as it is, however long."""
        self._console.file.write(f"{line}\n")

    def quote(self, text: str) -> None:
        """Somebody else's text, whole, marked at its side so that no row of it looks like ours."""
        room = max(self.width - len(QUOTE), 1)
        for line in text.split("\n"):
            rows = Text(line).wrap(self._console, room) if self._is_terminal else [Text(line)]
            for row in rows or [Text()]:
                self.write(f"{QUOTE}{row.plain}")

    def show(self) -> None:
        """Write what was painted since the last time. Where nobody reads any more (`| head`), that is
        the end of the command, and no fault of it."""
        made = self._console.file
        assert isinstance(made, StringIO)
        lines = [line.rstrip() for line in made.getvalue().split("\n")]
        try:
            self._stream.write("\n".join(lines))
            self._stream.flush()
        except BrokenPipeError:
            quieten(self._stream)
            raise typer.Exit(0) from None
        made.seek(0)
        made.truncate()


def plain(text: str) -> str:
    """One line without anything that could move a cursor: titles and reports are strangers' words."""
    return " ".join(visible(text)[0].split())


def link(text: str) -> Text:
    """An address, from the left and unbroken, so that a terminal knows it for one."""
    return Text(text, style="cyan", no_wrap=True, overflow="ignore")


def joined(parts: Iterable[str]) -> str:
    """What is there, with a dot between."""
    return " · ".join(part for part in parts if part)

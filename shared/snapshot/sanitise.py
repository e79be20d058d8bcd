"""What an agent reads of a text that people wrote: only what a person can see on the page.

Rule D2 of the gates: hidden text is removed or made visible, and everything that was taken out is
counted in words. The result is stable: sanitising it again changes nothing, so that a digest over
it says what was shown. A change that alters any result needs the next `SANITISER`.
"""

from dataclasses import dataclass
from typing import Literal

from shared.snapshot.invisible import visible
from shared.snapshot.markup import Counts, flatten, reveal

SANITISER = 1

Kind = Literal["title", "body", "comment"]

TITLE_CHARACTERS = 256
BODY_BYTES = 64 * 1024
BODY_LINES = 2000

CUT_TITLE = "… cut here"
CUT_BODY = "\n\n… cut here: an agent reads at most 65,536 bytes and 2,000 lines"

# Each replacement leaves a barrier behind, so that more than a few passes are needed only for
# nested constructs; a text that is still moving after this many is somebody's puzzle: flatten it.
_PASSES = 12
# Far above the caps, and only so that no pass has to look at more than this.
_LOOKED_AT = 8 * BODY_BYTES


@dataclass(frozen=True)
class Sanitised:
    """A text as an agent reads it, and what was taken out of it, by kind."""

    text: str
    counts: tuple[tuple[str, int], ...] = ()

    @property
    def removed(self) -> tuple[str, ...]:
        """In words: `3 HTML comments`."""
        return in_words(dict(self.counts))


def sanitise(text: str, kind: Kind = "body") -> Sanitised:
    """The visible part of `text`, at most 256 characters (title) or 64 KiB and 2,000 lines."""
    counts: Counts = {"overlong text": 1} if len(text) > _LOOKED_AT else {}
    text = text[:_LOOKED_AT]
    for _ in range(_PASSES):
        before = text
        text = _once(text, kind, counts)
        if text == before:
            return _done(text, counts)
    text = flatten(text)
    while (again := _once(text, kind, counts)) != text:
        text = flatten(again)
    return _done(text, counts)


def in_words(counts: dict[str, int]) -> tuple[str, ...]:
    """Counts as people read them, in the order of their names: `1 image address`."""
    return tuple(
        f"{number:,} {name if number == 1 else _plural(name)}"
        for name, number in sorted(counts.items())
    )


def _plural(name: str) -> str:
    head, space, rest = name.partition(" shown ")
    noun = head + ("es" if head.endswith("s") else "s")
    return noun + space + rest


def _done(text: str, counts: Counts) -> Sanitised:
    return Sanitised(text, tuple(sorted(counts.items())))


def _once(text: str, kind: Kind, counts: Counts) -> str:
    text, unseen = visible(text)
    if unseen:
        counts["invisible character"] = counts.get("invisible character", 0) + unseen
    text = reveal(text, counts)
    if kind == "title":
        text = " ".join(text.split())
        return _cut_title(text, counts)
    return _cut_body(text, counts)


def _cut_title(text: str, counts: Counts) -> str:
    if len(text) <= TITLE_CHARACTERS:
        return text
    counts["overlong text"] = 1
    return text[: TITLE_CHARACTERS - len(CUT_TITLE)] + CUT_TITLE


def _cut_body(text: str, counts: Counts) -> str:
    lines = text.split("\n")
    long = len(text.encode()) > BODY_BYTES
    if not long and len(lines) <= BODY_LINES:
        return text
    counts["overlong text"] = 1
    kept = "\n".join(lines[: BODY_LINES - CUT_BODY.count("\n")])
    room = BODY_BYTES - len(CUT_BODY.encode())
    return kept.encode()[:room].decode(errors="ignore") + CUT_BODY

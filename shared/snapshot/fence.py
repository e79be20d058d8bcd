"""Text of models and tools, made harmless before people and other bots read it on the forge.

Mentions, issue references (and with them closing keywords), slash commands and foreign addresses
are put into code spans, where nobody acts on them; hidden text, images and markup are gone.
"""

import re

from shared.snapshot.sanitise import sanitise

_RUN = re.compile(r"`+")
_SPAN = re.compile(r"(?<![\\`])(`+)(?!`)(?:.+?)(?<!`)\1(?!`)")
_LIVE = re.compile(
    r"""(?P<slashes>\\*)(?P<live>
        (?:https?://|www\.)[^\s`<>|\\]+             # an address
      | (?:[\w.-]+/[\w.-]+)?\#\d+ | \bGH-\d+        # an issue of this or another repository
      | (?<!\w)@[A-Za-z0-9][\w-]*(?:/[\w.-]+)?      # a person or a team
    )(?P<rest>[\w@#/-]*)                            # or what follows would come alive behind the span
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SLASH = re.compile(r"^(?P<lead>[\s>*+.)\-\d\\]*)(?P<live>/[A-Za-z][\w@#/-]*)")


def fenced(text: str, info: str = "") -> str:
    """`text` as a Markdown code block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in _RUN.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{info}\n{text.removesuffix(chr(10))}\n{fence}"


def neutralise(text: str, *, allow: str = "") -> str:
    """`text`, visible, with nothing in it that acts on the forge.

    `allow`: the one address (a repository's page) under which links stay links.
    """
    clean = re.sub(r"<(?=[A-Za-z/!?])", "&lt;", sanitise(text, "body").text)
    clean = re.sub(r"~{3,}", "'''", clean).replace("](", "] (")
    return "\n".join(_line(line, allow.rstrip("/")) for line in clean.split("\n"))


def one_line(text: str, limit: int = 200) -> str:
    """`text` neutralised, on one line of about `limit` characters."""
    line = sanitise(text, "title").text
    return neutralise(line if len(line) <= limit else line[: limit - 1] + "…")


def _line(line: str, allow: str) -> str:
    """A code span is believed only where it opens and closes on one line outside of a table."""
    pieces, at = [], 0
    if slash := _SLASH.match(line):
        pieces, at = [slash["lead"].rstrip("\\"), f"`{slash['live']}`"], slash.end()
    for span in () if "|" in line else _SPAN.finditer(line, at):
        pieces += [_plain(line[at : span.start()], allow), span[0]]
        at = span.end()
    pieces.append(_plain(line[at:], allow))
    return _apart([piece for piece in pieces if piece])


def _plain(text: str, allow: str) -> str:
    """Text between spans: a lone backtick becomes an apostrophe, so that it pairs with none of ours."""

    text = text.replace("`", "'")
    pieces, at = [], 0
    for found in _LIVE.finditer(text):
        live = found["live"] + found["rest"]
        kept = bool(allow) and (live == allow or live.startswith(allow + "/"))
        pieces += [text[at : found.start()], found[0] if kept else f"`{live}`"]
        at = found.end()
    return _apart([piece for piece in [*pieces, text[at:]] if piece])


def _apart(pieces: list[str]) -> str:
    """The pieces joined; two spans that would touch are kept apart, or their runs would merge."""
    joined = pieces[0] if pieces else ""
    for piece in pieces[1:]:
        touching = joined.endswith(("`", "\\")) and piece.startswith("`")
        joined += (" " if touching else "") + piece
    return joined

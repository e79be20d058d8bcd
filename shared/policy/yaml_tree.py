"""YAML text to plain values, each with its line: a small, closed reading of YAML.

Read here and nowhere else, because YAML as PyYAML loads it would surprise a person who writes a
policy: duplicate keys win silently, `on` and `no` are booleans, `22:30` is a number, `1_000` too,
dates become objects, and aliases can grow a kilobyte into gigabytes. Here plain words are text but
for `true`, `false`, `null` and numbers (as in YAML 1.2), and anchors, aliases, tags and merges do
not exist.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

DEPTH_LIMIT = 16
NUMBER_DIGITS = 15
NO_KEY = "?"  # stands for a key that could not be read

TOO_DEEP = f"is nested deeper than {DEPTH_LIMIT} levels; flatten it"
TWO_DOCUMENTS = "is a second document; keep one, and remove the line `---`"
DUPLICATE = "is written twice (first on line {first}); keep one"
ALIAS = 'is an alias; write the value out, or quote text that starts with "*": "*.py"'
ANCHOR = 'has an anchor; write values out where they are used, or quote text that starts with "&"'
TAG = 'has a tag; remove it, or quote text that starts with "!"'
ODD_KEY = "is a list or a mapping where a key should be; write a plain word before the colon"
TAB = "has a tab; indent with spaces"
STAR = 'has a "*" that starts plain text; quote the value, such as "**/*.py" or "0 6 * * *"'
PLAIN_START = 'has text that starts with "{char}"; put the value in quotes'
UNREADABLE = "has a character that a policy cannot hold (U+{code:04X}); remove it"
NO_YAML = "is not YAML ({problem}); mend it, or put text with `: `, ` #` or brackets in quotes"

Path = tuple[str | int, ...]

_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?", re.ASCII)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}


@dataclass(frozen=True)
class Problem:
    """One thing to mend: where it is (`line` counts from 1, 0 is unknown) and what to do."""

    path: Path
    line: int
    words: str


@dataclass
class Tree:
    """What a text says: `value` (None for an empty text), each path's line, and what is wrong."""

    value: object = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of the nearest thing that was written at or above `path`; 0 if there is none."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)


def read(text: str) -> Tree:
    """The tree of `text`. Never raises: what cannot be read is a problem of the tree."""
    tree = Tree()
    try:
        # CSafeLoader would be faster and is not everywhere; 64 KiB take a fraction of a second.
        events = yaml.parse(text, Loader=yaml.SafeLoader)
        _Walk(tree, events).document()
    except _TooDeepError:
        pass  # already among the problems; reading on would only repeat it
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        code = error.character if isinstance(error.character, int) else ord(error.character)
        tree.problems.append(Problem((), line, UNREADABLE.format(code=code)))
    except yaml.MarkedYAMLError as error:
        tree.problems.append(_syntax(text, error))
    return tree


def _syntax(text: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Problem((), 0, NO_YAML.format(problem=error.problem or error.context))
    line = text.splitlines()[mark.line : mark.line + 1]
    rest = line[0][mark.column :] if line else ""
    context, problem = error.context or "", error.problem or ""
    if "\\t" in problem or rest.startswith("\t"):
        words = TAB
    elif "scanning an alias" in context:
        words = STAR
    elif rest[:1] in tuple("@`%"):
        words = PLAIN_START.format(char=rest[0])
    elif "scanning an anchor" in context:
        words = ANCHOR
    else:
        words = NO_YAML.format(problem=" ".join(problem.split()) or context)
    return Problem((), mark.line + 1, words)


class _TooDeepError(Exception):
    """Nesting beyond the limit: nothing below it is read."""


class _Walk:
    """One pass over the events of a text; recursion is bounded by DEPTH_LIMIT."""

    def __init__(self, tree: Tree, events: Iterator[Event]) -> None:
        self._tree = tree
        self._events = events

    def document(self) -> None:
        seen = False
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                if seen:
                    self._wrong((), event, TWO_DOCUMENTS)
                    return
                seen = True
            elif isinstance(
                event, (ScalarEvent, AliasEvent, MappingStartEvent, SequenceStartEvent)
            ):
                self._tree.value = self._node((), event)
            elif not isinstance(event, (StreamStartEvent, StreamEndEvent)):
                continue

    def _node(self, path: Path, event: Event) -> object:
        if len(path) > DEPTH_LIMIT:
            self._wrong(path, event, TOO_DEEP)
            raise _TooDeepError
        self._tree.lines.setdefault(path, _line(event))
        if isinstance(event, AliasEvent):
            self._wrong(path, event, ALIAS)
            return None
        if getattr(event, "anchor", None) is not None:
            self._wrong(path, event, ANCHOR)
        if getattr(event, "tag", None) is not None:
            self._wrong(path, event, TAG)
        if isinstance(event, ScalarEvent):
            self._printable(path, event)
            return _scalar(event)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _sequence(self, path: Path) -> list[object]:
        items: list[object] = []
        for event in self._events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self._node((*path, len(items)), event))
        return items

    def _mapping(self, path: Path) -> dict[str, object]:
        entries: dict[str, object] = {}
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._key(path, event)
            below = (*path, key)
            if key in entries and key != NO_KEY:
                self._wrong(below, event, DUPLICATE.format(first=self._tree.lines[below]))
            else:
                self._tree.lines[below] = _line(event)
            value = self._node(below, next(self._events))
            entries.setdefault(key, value)
        entries.pop(NO_KEY, None)  # it has its own problem already
        return entries

    def _key(self, path: Path, event: Event) -> str:
        # `on`, `7` and `null` are keys like any other here: text, as it was written.
        if isinstance(event, ScalarEvent) and event.anchor is None and event.tag is None:
            return str(event.value)
        self._node((*path, NO_KEY), event)
        if not isinstance(event, (ScalarEvent, AliasEvent)):
            self._wrong((*path, NO_KEY), event, ODD_KEY)
        return NO_KEY

    def _printable(self, path: Path, event: ScalarEvent) -> None:
        # Escapes such as "\0" and "\ud800" bring back what the reader refuses as plain text.
        odd = next((c for c in event.value if unicodedata.category(c) in {"Cc", "Cs"}), None)
        if odd is not None and odd not in "\n\t":
            self._wrong(path, event, UNREADABLE.format(code=ord(odd)))

    def _wrong(self, path: Path, event: Event, words: str) -> None:
        self._tree.problems.append(Problem(path, _line(event), words))


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _scalar(event: ScalarEvent) -> object:
    text = str(event.value)
    if not event.implicit[0]:
        return text  # quoted, or a block of text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= NUMBER_DIGITS and _INTEGER.fullmatch(text):
        return int(text)
    if len(text) <= NUMBER_DIGITS and _FLOAT.fullmatch(text):
        return float(text)
    return text

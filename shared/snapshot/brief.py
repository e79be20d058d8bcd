"""The visible `gatefleet` block of an issue: what is in scope, in words that a person can check."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from shared.messages.content import Brief
from shared.snapshot.sanitise import sanitise

INFO = "gatefleet"
KEYS = ("paths", "rules", "tests", "criteria")
BLOCK_CHARACTERS = 16 * 1024

TWO_BLOCKS = "there are {count} `gatefleet` blocks; keep one"
NOT_CLOSED = "the `gatefleet` block is not closed; end it with a line of backticks"
TOO_LONG = "the `gatefleet` block is longer than 16,384 characters; shorten it"
NOT_YAML = "the `gatefleet` block is not valid YAML ({problem}); mend that line"
NOT_KEYS = "the `gatefleet` block must be a mapping with the keys {keys}"
UNKNOWN_KEY = "`{key}` is not a key of the `gatefleet` block; it knows {keys}"
TWICE = "`{key}` stands twice in the `gatefleet` block; keep one"
NOT_A_LIST = "`{key}` in the `gatefleet` block must be a list of texts, one `- text` a line"

_OPENING = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)")


@dataclass(frozen=True)
class BriefError:
    """The block cannot be taken; `text` says in one line why and how to mend it."""

    text: str


def read_brief(body: str) -> Brief | BriefError:
    """The brief in an issue's body; an empty one where there is no block.

    Only what an agent would read counts: a block inside an HTML comment or another fence is none.
    """
    blocks = list(_blocks(sanitise(body, "body").text))
    if not blocks:
        return Brief()
    if len(blocks) > 1:
        return BriefError(TWO_BLOCKS.format(count=len(blocks)))
    text = blocks[0]
    if text is None:
        return BriefError(NOT_CLOSED)
    if len(text) > BLOCK_CHARACTERS:
        return BriefError(TOO_LONG)
    return _parse(text)


def write_brief(brief: Brief) -> str:
    """The block for `brief`, such that sanitising leaves it alone and `read_brief` reads it back."""
    lines = [f"```{INFO}"]
    for key in KEYS:
        values: tuple[str, ...] = getattr(brief, key)
        if values:
            lines += [f"{key}:", *(f"  - {_scalar(value)}" for value in values)]
    return "\n".join([*(lines if len(lines) > 1 else [*lines, "paths: []"]), "```"])


def _scalar(value: str) -> str:
    """A double-quoted YAML text; everything but plain characters escaped where markup would change it."""
    plain = json.dumps(value, ensure_ascii=False)
    line = f"  - {plain}"
    # Half a link, a tag or a code span would look for its other half in the text around the block.
    whole = value.isprintable() and not set(value) & set("[]<>") and _spans_close(value)
    if whole and sanitise(line, "body").text == line:
        return plain
    return '"' + "".join(c if _plain(c) else _escaped(c) for c in value) + '"'


def _spans_close(value: str) -> bool:
    """Every backtick stands alone and has a partner, as in a sentence that names a command."""
    return "``" not in value and value.count("`") % 2 == 0


def _plain(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in " _-./,")


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _blocks(text: str) -> Iterator[str | None]:
    """The contents of top-level fences marked `gatefleet`; None for one that never ends."""
    fence, ours, inside = "", False, list[str]()
    for line in text.split("\n"):
        if not fence:
            if (found := _OPENING.fullmatch(line)) is not None:
                fence, ours, inside = found["fence"], found["info"].strip() == INFO, []
        elif re.fullmatch(rf" {{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*", line):
            if ours:
                yield "\n".join(inside)
            fence = ""
        else:
            inside.append(line)
    if fence and ours:
        yield None


def _parse(text: str) -> Brief | BriefError:
    try:
        if _too_deep(text):
            return BriefError(NOT_KEYS.format(keys=", ".join(KEYS)))
        top = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" on line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "a character that YAML does not allow"
        return BriefError(NOT_YAML.format(problem=f"{problem}{where}"))
    if top is None:
        return Brief()
    if not isinstance(top, yaml.MappingNode):
        return BriefError(NOT_KEYS.format(keys=", ".join(KEYS)))
    return _fields(top)


def _too_deep(text: str) -> bool:
    """Deeper than a list in a mapping: said before composing, which would recurse."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > 2:
            return True
    return False


def _fields(top: yaml.MappingNode) -> Brief | BriefError:
    found: dict[str, tuple[str, ...]] = {}
    for key_node, value_node in top.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
        if key not in KEYS:
            return BriefError(UNKNOWN_KEY.format(key=key[:40], keys=", ".join(KEYS)))
        if key in found:
            return BriefError(TWICE.format(key=key))
        values = _texts(value_node)
        if values is None:
            return BriefError(NOT_A_LIST.format(key=key))
        found[key] = values
    return Brief(**found)


def _texts(node: yaml.Node) -> tuple[str, ...] | None:
    if not isinstance(node, yaml.SequenceNode):
        return None
    values = tuple(item.value for item in node.value if isinstance(item, yaml.ScalarNode))
    whole = len(values) == len(node.value)
    return values if whole and all(_encodes(value) for value in values) else None


def _encodes(text: str) -> bool:
    """False for half a surrogate pair, which no message could carry."""
    return not any("\ud800" <= character <= "\udfff" for character in text)

"""TODO and FIXME comments in tracked text files: work that somebody saw and left."""

import asyncio
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from services.pm_agent.found import Found
from services.pm_agent.issue import NOTHING_BREAKS, Identity, Issue, code
from services.pm_agent.tree import Tree

RUNS_CODE = False

TITLE = "Do what the {marker} in {path} says: {text}"
WHY = (
    "A comment in {path} says what is still to be done. As long as it stands there, whoever reads "
    "the code has to find out whether it matters; a {marker} that nobody means to do is better "
    "deleted."
)
CRITERION_DONE = "What the comment asks for is done, with a test, or the comment is withdrawn."
CRITERION_GONE = "The comment is no longer in {path}."

TITLE_TEXT_LIMIT = 60
TEXT_LIMIT = 300
AROUND = 2
"""Lines of context on either side."""

_MARKED = re.compile(
    r"""(?:\#|//|/\*|<!--|--|;|%|\.\.|^\s*\*|^)\W{0,4}   # a comment starts, in most languages
        \b(TODO|FIXME)\b(?!\.\w|/)(?:\([^)\n]{0,60}\))?\s*[:,\-–—]?\s*(\S.*)?$""",
    re.VERBOSE,
)
_COMMENT_ENDS = re.compile(r"\s*(?:\*/|-->|#\})\s*$")
_SKIPPED_SUFFIXES = frozenset({".lock", ".min.js", ".map", ".svg", ".csv", ".json", ".ipynb"})
_SKIPPED_FOLDERS = frozenset({"vendor", "node_modules", "third_party", "dist", "build"})


async def find(tree: Tree) -> list[Found]:
    """Every marked comment with the lines around it."""
    return await asyncio.to_thread(_in_tree, tree)


def issues(found: Sequence[Found], everything: Mapping[str, Sequence[Found]]) -> list[Issue]:
    """One for each comment; the same words twice in one file are one."""
    together: dict[tuple[str, str, str], list[Found]] = {}
    for one in found:
        together.setdefault((one.path, one.rule, one.text), []).append(one)
    return [_issue(tuple(same)) for same in together.values()]


def _in_tree(tree: Tree) -> list[Found]:
    found: list[Found] = []
    for path in tree.paths:
        if not _skipped(path) and (text := tree.read(path)) is not None:
            found += _in_text(path, text)
    return found


def _in_text(path: str, text: str) -> Iterator[Found]:
    lines = text.splitlines()
    for number, line in enumerate(lines):
        match = _MARKED.search(line[:1000])
        if match is None:
            continue
        said = " ".join(_COMMENT_ENDS.sub("", match[2] or "").split())[:TEXT_LIMIT]
        around = lines[max(0, number - AROUND) : number + AROUND + 1]
        shown = "\n".join((f"{path}:{number + 1}:", *(f"    {near[:200]}" for near in around)))
        yield Found("todo", match[1], path, said, shown, number + 1)


def _issue(same: tuple[Found, ...]) -> Issue:
    one = same[0]
    path, words = code(one.path), one.text or "(no words)"
    if len(words) > TITLE_TEXT_LIMIT:
        words = words[: TITLE_TEXT_LIMIT - 1].rsplit(" ", 1)[0] + " …"
    return Issue(
        identity=Identity(
            f"{one.rule}:{hashlib.sha256(one.text.encode()).hexdigest()}", (one.path,)
        ),
        title=TITLE.format(marker=one.rule, path=path, text=words),
        why=WHY.format(path=path, marker=one.rule),
        criteria=(CRITERION_DONE, CRITERION_GONE.format(path=path), NOTHING_BREAKS),
        found=same,
        size="medium",
        priority="medium" if one.rule == "FIXME" else "low",
        paths=(one.path,),
    )


def _skipped(path: str) -> bool:
    pure = PurePosixPath(path)
    return path.endswith(tuple(_SKIPPED_SUFFIXES)) or bool(_SKIPPED_FOLDERS & set(pure.parts[:-1]))

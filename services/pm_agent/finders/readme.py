"""What a README lacks: the file itself, a part that newcomers look for, or a link's target."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import PurePosixPath
from urllib.parse import unquote

from services.pm_agent.found import Found
from services.pm_agent.issue import Identity, Issue, code, listed
from services.pm_agent.tree import Tree

RUNS_CODE = False

NONE = "none"
DEAD_LINK = "dead link"
SECTIONS = {
    "install": r"install\w*|set-?\s?up|getting started|quick ?start|requirements",
    "usage": r"usage|use|using|examples?|tutorials?|getting started|quick ?start|how to|run\w*",
    "tests": r"tests?|testing|develop|development|contribut\w*|hacking",
    "licence": r"licen[cs]\w*|copying",
}
QUESTIONS = {
    "install": "how to install it",
    "usage": "how to use it",
    "tests": "how to run its tests",
    "licence": "under which licence it may be used",
}
TITLE_NONE = "Write a README"
TITLE_SECTIONS = "Say in {path} {questions}"
TITLE_LINKS = "Mend the dead links in {path}"
WHY_NONE = "The repository has no README: nobody can tell what it is for without reading its code."
WHY_SECTIONS = "{path} does not say {questions}: newcomers have to ask, or to read the code."
WHY_LINKS = "{path} links to files that are not in the repository: {targets}."
CRITERION_NONE = "A README stands at the top and says what the project is for."
CRITERION_SECTION = "A part of {path} with a heading of its own says {question}."
CRITERION_LINK = "{path} does not link to {target} any more, or the file is there."

_NAMES = re.compile(r"readme(\.(md|markdown|rst|txt|adoc))?", re.IGNORECASE)
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.+?)\s*#*\s*$|^=+\s+(\S.*)$")
_UNDERLINE = re.compile(r"^([=\-~^\"'`#*+])\1{2,}\s*$")
_LINK = re.compile(r"(?<!\\)\[[^\]\n]*\]\(\s*<?([^)<>\s]+)>?(?:\s+[\"'(][^)\n]*)?\s*\)")
_CODE = re.compile(r"(`+)[^`\n].*?\1")
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")
_LICENSED = re.compile(r"\blicen[cs]ed under\b", re.IGNORECASE)


async def find(tree: Tree) -> list[Found]:
    """Everything that is missing in the README at the top; one finding if there is none at all."""
    names = sorted(path for path in tree.paths if "/" not in path and _NAMES.fullmatch(path))
    if not names:
        if not tree.paths:
            return []
        top = sorted({path.split("/")[0] for path in tree.paths})
        shown = "at the top of the repository: " + ", ".join(top[:20])
        return [Found("readme", NONE, "README.md", "there is no README", shown)]
    text = tree.read(names[0])
    if text is None:
        tree.say(f"readme: {names[0]} is not UTF-8 text, or larger than 512 KiB")
        return []
    prose = _prose(text)
    return [*_missing(names[0], prose), *_dead(names[0], prose, tree)]


def issues(found: Sequence[Found], everything: Mapping[str, Sequence[Found]]) -> list[Issue]:
    """One for all that is not said, one for the dead links."""
    links = tuple(one for one in found if one.rule == DEAD_LINK)
    rest = tuple(one for one in found if one.rule != DEAD_LINK)
    return [*([_unsaid(rest)] if rest else []), *([_unlinked(links)] if links else [])]


def _prose(text: str) -> list[str]:
    """The lines outside of fenced code, without code spans."""
    prose, fence = [], ""
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence):
            fence = ""
        elif not fence:
            prose.append(_CODE.sub("", line))
    return prose


def _headings(prose: Sequence[str]) -> Iterator[str]:
    for line, below in zip_longest(prose, prose[1:], fillvalue=""):
        match = _HEADING.match(line)
        if match:
            yield match[1] or match[2]
        elif line.strip() and _UNDERLINE.match(below):
            yield line


def _missing(path: str, prose: Sequence[str]) -> Iterator[Found]:
    headings = list(_headings(prose))
    for section, words in SECTIONS.items():
        said = any(re.search(rf"\b(?:{words})\b", heading, re.IGNORECASE) for heading in headings)
        if section == "licence" and any(map(_LICENSED.search, prose)):
            said = True
        if not said:
            shown = f"{path}: no heading about {section}; it has: {'; '.join(headings[:20]) or '-'}"
            yield Found("readme", section, path, f"no part about {section}", shown)


def _dead(path: str, prose: Sequence[str], tree: Tree) -> Iterator[Found]:
    there = tree.names | tree.folders
    targets = {match[1] for line in prose for match in _LINK.finditer(line)}
    for target in sorted(targets):
        if _SCHEME.match(target) or target.startswith(("#", "//")):
            continue
        plain = unquote(target.split("#")[0].split("?")[0])
        parts = PurePosixPath(plain.lstrip("/")).parts
        if parts and ".." not in parts and "/".join(parts) not in there:
            yield Found("readme", DEAD_LINK, path, target, f"{path}: [{target}] leads nowhere")


def _unsaid(found: tuple[Found, ...]) -> Issue:
    path = code(found[0].path)
    sections = [one.rule for one in found]
    identity = Identity("+".join(sorted(sections)), (found[0].path,))
    if sections == [NONE]:
        wanted = [CRITERION_SECTION.format(path=path, question=said) for said in QUESTIONS.values()]
        criteria = (CRITERION_NONE, *wanted)
        return _worded(identity, TITLE_NONE, WHY_NONE, criteria, found)
    questions = listed([QUESTIONS[section] for section in sections], most=4)
    return _worded(
        identity,
        TITLE_SECTIONS.format(path=path, questions=questions),
        WHY_SECTIONS.format(path=path, questions=questions),
        tuple(
            CRITERION_SECTION.format(path=path, question=QUESTIONS[section]) for section in sections
        ),
        found,
    )


def _unlinked(found: tuple[Found, ...]) -> Issue:
    path, targets = code(found[0].path), [code(one.text) for one in found]
    return _worded(
        Identity(DEAD_LINK, (found[0].path,)),
        TITLE_LINKS.format(path=path),
        WHY_LINKS.format(path=path, targets=listed(targets, most=10)),
        tuple(CRITERION_LINK.format(path=path, target=target) for target in targets),
        found,
    )


def _worded(
    identity: Identity, title: str, why: str, criteria: tuple[str, ...], found: tuple[Found, ...]
) -> Issue:
    return Issue(
        identity,
        title,
        why,
        criteria,
        found,
        size="small",
        priority="medium" if found[0].rule == NONE else "low",
        paths=(found[0].path,),
    )

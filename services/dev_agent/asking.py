"""What the engine is asked: the frozen snapshot, the issue's own block, what a review found.

Nothing else reaches it: no live issue text, no later comment, nothing that a link points to (I-07).
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from services.dev_agent.starting import Request, Start
from shared.engines import Task
from shared.git.globs import matches
from shared.messages.content import Brief, Cause, Finding, Snapshot
from shared.messages.work import RevisionRequested
from shared.workspaces.naming import readable

NO_SUCH_PATH = (
    "the issue's block names no path of this repository ({paths}); "
    "mend `paths` in it and approve it again"
)
COMMENT = "Comment by {author}:\n\n{body}"
CRITERIA = "Done when:"
SOLVE = "Both sides changed these files; solve the conflict that is marked in them:"
LOG = "The log of what failed:"

PATHS_LIMIT = 2000
"""Arguments of one command line; a pattern that names more is handed in as its folder."""

_WILD = re.compile(r"[*?\[]")


def task(request: Request, brief: Brief, start: Start, files: Sequence[str]) -> Task | str:
    """The engine's task, or in words why there is none. `files`: all paths of the work tree."""
    paths = start.conflicts or usable(brief.paths, files)
    if brief.paths and not paths:
        return NO_SUCH_PATH.format(paths=", ".join(map(readable, brief.paths[:3])))
    revision = request if isinstance(request, RevisionRequested) else None
    return Task(
        title=request.snapshot.title,
        text=_text(request.snapshot, brief),
        paths=tuple(paths),
        rules=brief.rules,
        round=revision.round if revision else 1,
        findings=asked(revision.cause, start.conflicts) if revision else "",
        base_sha=start.base,
    )


def usable(patterns: Sequence[str], files: Sequence[str]) -> tuple[str, ...]:
    """The patterns of a block as paths for a command line, none outside of the work tree.

    What exists is named as it is; a pattern becomes the files that it matches, or its folder when
    they are many. A plain path that does not exist stays only if nothing else is there: it may be
    what is to be written.
    """
    known = set(files)
    known |= {str(folder) for path in files for folder in PurePosixPath(path).parents}
    found: dict[str, None] = {}
    new: dict[str, None] = {}
    for pattern in filter(_inside, patterns):
        plain = pattern.rstrip("/") or "."
        if plain in known:
            found[plain] = None
        elif _WILD.search(pattern):
            found |= dict.fromkeys(_matching(pattern, files))
        else:
            new[plain] = None
    return tuple(found or new)


def asked(cause: Cause, conflicts: Sequence[str]) -> str:
    """What a revision must mend, as text for the engine."""
    parts = [_line(finding) for finding in cause.findings]
    if conflicts:
        parts += [SOLVE, *(f"- {readable(path)}" for path in conflicts)]
    if cause.log:
        parts += [LOG, cause.log]
    return "\n".join(parts)


def _matching(pattern: str, files: Sequence[str]) -> list[str]:
    matching = [path for path in files if matches(path, pattern)]
    if len(matching) <= PATHS_LIMIT:
        return matching
    fixed = re.split(_WILD, pattern)[0].rpartition("/")[0]
    return [fixed or "."]


def _inside(pattern: str) -> bool:
    """False for what names something outside of the work tree, whatever runs the engine."""
    parts = PurePosixPath(pattern).parts
    return bool(parts) and not pattern.startswith("/") and ".." not in parts and "\0" not in pattern


def _text(snapshot: Snapshot, brief: Brief) -> str:
    comments = [COMMENT.format(author=each.author, body=each.body) for each in snapshot.comments]
    criteria = [f"- {each}" for each in brief.criteria]
    done_when = ["\n".join([CRITERIA, *criteria])] if criteria else []
    return "\n\n".join([snapshot.body, *comments, *done_when])


def _line(finding: Finding) -> str:
    place = readable(finding.path) if finding.path else "the whole change"
    line = f":{finding.line}" if finding.line else ""
    return f"- {place}{line}: {finding.text}"

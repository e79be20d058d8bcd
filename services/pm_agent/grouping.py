"""Findings become proposals: the finders' issues with their ids, digests, evidence and notes."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.pm_agent.finders import Finder
from services.pm_agent.found import Found
from services.pm_agent.issue import Identity, Issue
from shared.messages.content import Proposal
from shared.messages.ids import proposal_id
from shared.policy import Engine

NOTE_NOT = (
    "No configured engine can do this: the command engine only runs fixers, and none mends it. "
    "A person can do it, or an engine that writes code."
)
NOTE_PERHAPS = (
    "The command engine only runs fixers: it mends {rules}, and whether that makes the tests pass "
    "shows when they are run."
)
MORE = "… and {count} more lines"

TITLE_LIMIT = 160
EVIDENCE_LIMIT = 4000
EVIDENCE_LINES = 60

_FIXERS = frozenset({"ruff"})
_MOVING = re.compile(r"\bline \d+|0x[0-9a-fA-F]+|\b\d+(\.\d+)?\s?m?s\b")


@dataclass(frozen=True)
class Candidate:
    """A proposal that could be made, and the ids that earlier, smaller forms of it had."""

    proposal: Proposal
    also: tuple[UUID, ...] = ()
    doable: bool = True
    """False: no configured engine can do it, and its note says so."""


def group(
    found: Mapping[str, Sequence[Found]],
    finders: Mapping[str, Finder],
    *,
    repo_id: str,
    engine: Engine,
) -> tuple[Candidate, ...]:
    """Every finding in exactly one candidate; `found` is by finder. Deterministic, in any order."""
    return tuple(
        _candidate(name, issue, repo_id, engine)
        for name in sorted(found)
        for issue in finders[name].issues(sorted(found[name], key=_order), found)
    )


def _candidate(finder: str, issue: Issue, repo_id: str, engine: Engine) -> Candidate:
    identity, title = issue.identity, issue.title
    doable = issue.mend != "not" or not _only_fixes(engine)
    proposal = Proposal(
        proposal=_id(repo_id, finder, identity),
        content=content(issue),
        title=title if len(title) <= TITLE_LIMIT else title[: TITLE_LIMIT - 1] + "…",
        why=issue.why,
        criteria=issue.criteria,
        evidence=evidence(issue.found),
        size=issue.size,
        priority=issue.priority,
        finder=finder,
        paths=issue.paths,
        rules=issue.rules,
        tests=issue.tests,
        note=_note(issue, engine),
        doable=doable,
    )
    smaller = (Identity(rule, identity.paths) for rule in identity.smaller)
    return Candidate(proposal, tuple(_id(repo_id, finder, one) for one in smaller), doable)


def _id(repo_id: str, finder: str, identity: Identity) -> UUID:
    return proposal_id(repo_id, finder, identity.rule, identity.paths)


def content(issue: Issue) -> str:
    """64 hex digits over what was found, how often, and what is asked: never over line numbers."""
    parts = sorted([one.rule, one.path, _MOVING.sub("…", one.text)] for one in issue.found)
    asked = [list(issue.paths), list(issue.rules), list(issue.tests)]
    return hashlib.sha256(json.dumps([parts, asked]).encode()).hexdigest()


def evidence(found: Sequence[Found]) -> str:
    """What the tools printed, at most `EVIDENCE_LINES` lines and `EVIDENCE_LIMIT` characters."""
    lines = [line.rstrip() for one in found for line in one.shown.splitlines()]
    kept: list[str] = []
    room = EVIDENCE_LIMIT
    for line in lines[:EVIDENCE_LINES]:
        room -= min(len(line), 300) + 1
        if room < 0:
            break
        kept.append(line if len(line) <= 300 else line[:299] + "…")
    left = len(lines) - len(kept)
    return "\n".join([*kept, *([MORE.format(count=left)] if left else [])])


def _note(issue: Issue, engine: Engine) -> str:
    if not _only_fixes(engine) or issue.mend == "surely":
        return ""
    return (
        NOTE_PERHAPS.format(rules=", ".join(issue.rules)) if issue.mend == "perhaps" else NOTE_NOT
    )


def _only_fixes(engine: Engine) -> bool:
    """Whether all that the engine runs is a fixer; its own default commands are."""
    commands = (*(engine.commands or ()), *(engine.revise or ()))
    return all(command.run[0].rpartition("/")[2] in _FIXERS for command in commands)


def _order(one: Found) -> tuple[str, int, str, str]:
    return one.path, one.line or 0, one.rule, one.text

"""Look at a repository with every finder that its policy switches on."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from services.pm_agent.finders import Finder, registry
from services.pm_agent.found import Found
from services.pm_agent.grouping import Candidate, group
from services.pm_agent.tree import survey
from shared.errors import GatefleetError
from shared.messages import Repo
from shared.policy import Policy
from shared.sandbox import Sandbox

FINDER_FAILED = "{name}: could not look: {why}"


@dataclass(frozen=True)
class Look:
    """What could be proposed, and what people should know about the looking, one line each."""

    candidates: tuple[Candidate, ...]
    lines: tuple[str, ...]


async def look(
    workspace: Path,
    sandbox: Sandbox,
    policy: Policy,
    repo: Repo,
    *,
    finders: dict[str, Finder] | None = None,
    only: Collection[str] | None = None,
) -> Look:
    """Every candidate in `workspace`, an export of the default branch without its git directory.

    A finder that fails stops no other; its failure is one of the lines. Finders that run the
    repository's code come last, because they may change the workspace. `only`: the files of the
    commit, where set-up commands may have put more beside them.
    """
    known = registry() if finders is None else finders
    tree = await asyncio.to_thread(survey, workspace, sandbox, policy)
    if only is not None:
        tracked = frozenset(only)
        tree = replace(tree, paths=tuple(path for path in tree.paths if path in tracked))
    found: dict[str, list[Found]] = {}
    for name, finder in known.items():
        if name not in policy.proposals.finders:
            continue
        try:
            found[name] = await finder.find(tree)
        except (GatefleetError, OSError, ValueError) as error:
            tree.say(FINDER_FAILED.format(name=name, why=str(error) or type(error).__name__))
    candidates = group(found, known, repo_id=repo.id, engine=policy.engines.dev)
    return Look(candidates, tuple(f"{repo}: {line}" for line in tree.lines))

"""What the linter reports: one issue for a file, or for one rule in many files of a folder."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

from services.pm_agent.clusters import Cluster, cluster
from services.pm_agent.found import Fix, Found
from services.pm_agent.issue import NOTHING_BREAKS, Identity, Issue, Size, code, listed
from services.pm_agent.rules import meaning, serious
from services.pm_agent.tree import Tree
from shared.checkers import LintFinding, NotRun, run_ruff

RUNS_CODE = False

TITLE = "Mend {names} in {place}"
WHY = "`ruff check` reports {count} in {place}. {fixer}\n\n{costs}"
COST = "- {rule} ({times}): {cost}."
FIXER_SAFE = "Its fixer mends all of it without changing what the code does."
FIXER_UNSAFE = (
    "Its fixer mends all of it. Where it may alter what the code does ({count}), a reviewer should "
    "look closely."
)
FIXER_NONE = "No fixer mends this: somebody has to."
CRITERION = "`ruff check` reports no {rule} in {place}."

_SMALLER_FROM = 5
"""Rules above which earlier, smaller forms of an issue are not traced: 2⁵ forms are enough."""


async def find(tree: Tree) -> list[Found]:
    """Every finding of ruff, under the repository's own configuration."""
    lint = await run_ruff(tree.sandbox, tree.workspace)
    if isinstance(lint, NotRun):
        tree.say(f"lint: {lint.why}")
        return []
    return [_found(one) for one in lint.findings if one.path in tree.names]


def issues(found: Sequence[Found], everything: Mapping[str, Sequence[Found]]) -> list[Issue]:
    """What a fixer mends apart from what it does not: only so can a whole issue be done."""
    mended = mendable(found)
    parts = [one for one in found if (one.path, one.rule) in mended]
    rest = [one for one in found if (one.path, one.rule) not in mended]
    return [
        *(_issue(part, by_fixer=True) for part in cluster(parts)),
        *(_issue(part, by_fixer=False) for part in cluster(rest)),
    ]


def mendable(found: Sequence[Found]) -> set[tuple[str, str]]:
    """(path, rule) pairs of which a fixer mends every occurrence."""
    fixes: dict[tuple[str, str], set[Fix]] = defaultdict(set)
    for one in found:
        fixes[one.path, one.rule].add(one.fix)
    return {pair for pair, kinds in fixes.items() if "none" not in kinds}


def _found(one: LintFinding) -> Found:
    fix: Fix = "safe" if one.fixable else "unsafe" if one.unsafe_fix else "none"
    return Found("lint", one.rule, one.path, one.message, str(one), one.line, fix)


def _issue(part: Cluster, *, by_fixer: bool) -> Issue:
    place, rules = code(part.place), part.rules
    names = [f"{meaning(rule).name} ({rule})" for rule in rules]
    return Issue(
        identity=_identity(part, by_fixer=by_fixer),
        title=TITLE.format(names=listed(names), place=place),
        why=WHY.format(
            count=f"{len(part.found)} thing{'s' if len(part.found) > 1 else ''}",
            place=place,
            fixer=_fixer(part, by_fixer=by_fixer),
            costs="\n".join(_cost(rule, part) for rule in rules),
        ),
        criteria=(*(CRITERION.format(rule=rule, place=place) for rule in rules), NOTHING_BREAKS),
        found=part.found,
        size=_size(part),
        priority="medium" if any(map(serious, rules)) else "low",
        paths=part.paths,
        rules=rules,
        mend="surely" if by_fixer else "not",
    )


def _identity(part: Cluster, *, by_fixer: bool) -> Identity:
    kind = "" if by_fixer else "by hand:"
    rules = part.rules if len(part.rules) <= _SMALLER_FROM else ()
    smaller = (some for size in range(1, len(rules)) for some in combinations(rules, size))
    return Identity(
        rule=kind + "+".join(part.rules),
        paths=(part.place,),
        smaller=tuple(kind + "+".join(some) for some in smaller),
    )


def _fixer(part: Cluster, *, by_fixer: bool) -> str:
    if not by_fixer:
        return FIXER_NONE
    unsafe = sum(one.fix == "unsafe" for one in part.found)
    return FIXER_UNSAFE.format(count=unsafe) if unsafe else FIXER_SAFE


def _cost(rule: str, part: Cluster) -> str:
    count = sum(one.rule == rule for one in part.found)
    times = "once" if count == 1 else f"{count} times"
    return COST.format(rule=rule, times=times, cost=meaning(rule).cost)


def _size(part: Cluster) -> Size:
    if len(part.found) <= 10 and len(part.paths) <= 3:
        return "small"
    return "medium" if len(part.found) <= 60 else "large"

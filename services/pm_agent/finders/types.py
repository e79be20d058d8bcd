"""What the type checker reports, where the repository configures one."""

from collections.abc import Mapping, Sequence

from services.pm_agent.clusters import Cluster, cluster
from services.pm_agent.found import Found
from services.pm_agent.issue import NOTHING_BREAKS, Identity, Issue, code, listed
from services.pm_agent.tree import Tree
from shared.checkers import NotRun, run_mypy

RUNS_CODE = False

TITLE = "Mend the type errors in {place}: {rules}"
WHY = (
    "mypy, which this repository configures, reports {count} in {place}. Each is a place where the "
    "code contradicts what it says about itself: a mistake at run time, or a wrong annotation that "
    "misleads readers and lets later mistakes through."
)
CRITERION = "`mypy` reports no {rule} in {place}."
UNRESOLVED = "types: {count} imports could not be followed in the sandbox; install them in `setup:`"


async def find(tree: Tree) -> list[Found]:
    """Every error of mypy but imports that it could not follow, which are the sandbox's fault."""
    types = await run_mypy(tree.sandbox, tree.workspace)
    if isinstance(types, NotRun):
        if types.kind != "not_configured":
            tree.say(f"types: {types.why}")
        return []
    if types.unresolved:
        tree.say(UNRESOLVED.format(count=len(types.unresolved)))
    return [
        Found("types", one.rule, one.path, one.message, str(one), one.line)
        for one in types.findings
        if one.path in tree.names
    ]


def issues(found: Sequence[Found], everything: Mapping[str, Sequence[Found]]) -> list[Issue]:
    """One for a file, or for one kind of error in many files of a folder."""
    return [_issue(part) for part in cluster(found)]


def _issue(part: Cluster) -> Issue:
    place, count = code(part.place), len(part.found)
    return Issue(
        identity=Identity("+".join(part.rules), (part.place,)),
        title=TITLE.format(place=place, rules=listed(part.rules)),
        why=WHY.format(count=f"{count} error{'s' if count > 1 else ''}", place=place),
        criteria=(
            *(CRITERION.format(rule=rule, place=place) for rule in part.rules),
            NOTHING_BREAKS,
        ),
        found=part.found,
        size="small" if count <= 5 else "medium" if count <= 30 else "large",
        priority="medium",
        paths=part.paths,
    )

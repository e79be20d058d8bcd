"""Failing tests: one issue for a test file, its paths the modules that the failures point to."""

import re
from collections.abc import Mapping, Sequence

from services.pm_agent.finders import lint
from services.pm_agent.found import Found
from services.pm_agent.imports import imported, is_module_of
from services.pm_agent.issue import NOTHING_BREAKS, Identity, Issue, code, listed
from services.pm_agent.tree import Tree
from shared.checkers import Failure, NotRun, run_tests

RUNS_CODE = True

TITLE_ONE = "Make {test} pass"
TITLE_MANY = "Make the {count} failing tests of {file} pass"
WHY = (
    "{tests} on the default branch as it is, so nobody can tell whether a change breaks something "
    "there. {modules}{rules}"
)
FAILS, FAIL = "{} fails", "{} tests of {} fail"
MODULES = "The failure and the imports of the tests point to {names}."
RULES = " The linter reports {rules} there, which a fixer mends; that may be the cause."
CRITERION_TEST = "{test} passes."
CRITERION_RULE = "`ruff check` reports no {rule} in {paths}."
CRITERION_SAME_TEST = "The tests themselves are not weakened, skipped or deleted."
NEEDS_MODULE = (
    "tests: {file} needs the module {module}, which is not in the sandbox; install it in `setup:` "
    "of .gatefleet.yml"
)

_NO_MODULE = re.compile(r"ModuleNotFoundError: No module named '([^'\n]+)'")
_TEXT_LIMIT = 3000


async def find(tree: Tree) -> list[Found]:
    """Every red test but those that lack a module from outside, which are the sandbox's fault."""
    test = tree.policy.test
    run = await run_tests(
        tree.sandbox,
        tree.workspace,
        command=test.command.run,
        timeout=test.timeout,
        python=test.python,
        junit=test.junit,
    )
    if isinstance(run, NotRun):
        tree.say(f"tests: {run.why}")
        return []
    found = []
    for name, failure in sorted(run.red.items()):
        foreign = _NO_MODULE.search(failure.text)
        if foreign and not is_module_of(tree, foreign[1].split(".")[0]):
            line = NEEDS_MODULE.format(file=name.split("::")[0], module=foreign[1])
            tree.say(line)
        else:
            found.append(_found(tree, name, failure))
    return found


def issues(found: Sequence[Found], everything: Mapping[str, Sequence[Found]]) -> list[Issue]:
    """One for each test file; with the rules that a fixer could mend in the modules it exercises."""
    together: dict[str, list[Found]] = {}
    for one in found:
        together.setdefault(one.path or one.rule, []).append(one)
    linted = everything.get("lint", ())
    mended = lint.mendable(linted)
    return [_issue(tuple(same), mended) for same in together.values()]


def _found(tree: Tree, name: str, failure: Failure) -> Found:
    first = name.split("::")[0]
    file = first if first in tree.names else ""
    named = [path for path in failure.paths if path in tree.names]
    modules = {path for path in (*named, *imported(tree, file)) if not _is_test(path)}
    text = failure.text.strip("\n")
    cut = text if len(text) <= _TEXT_LIMIT else "…\n" + text[-_TEXT_LIMIT:]
    shown = f"{name}\n{cut or failure.message}"
    return Found("tests", name, file, failure.message, shown, paths=tuple(sorted(modules)))


def _issue(same: tuple[Found, ...], mended: set[tuple[str, str]]) -> Issue:
    file, tests = same[0].path, tuple(one.rule for one in same)
    modules = tuple(sorted({path for one in same for path in one.paths}))
    # With nothing that points elsewhere the test file is all there is to go on.
    paths = modules or ((file,) if file else ())
    rules = tuple(sorted({rule for path, rule in mended if path in modules}))
    shown = listed([code(path) for path in paths], most=5) if paths else ""
    return Issue(
        identity=Identity("+".join(tests), (file,) if file else ()),
        title=_title(file, tests),
        why=WHY.format(
            tests=FAILS.format(code(tests[0]))
            if len(tests) == 1
            else FAIL.format(len(tests), code(file)),
            modules=MODULES.format(names=shown) if modules else "",
            rules=RULES.format(rules=listed(rules, most=5)) if rules else "",
        ).strip(),
        criteria=(
            *(CRITERION_TEST.format(test=code(test)) for test in tests),
            *(CRITERION_RULE.format(rule=rule, paths=shown) for rule in rules),
            CRITERION_SAME_TEST,
            NOTHING_BREAKS,
        ),
        found=same,
        size="small" if len(tests) <= 3 else "medium" if len(tests) <= 15 else "large",
        priority="high",
        paths=paths,
        rules=rules,
        tests=tests,
        mend="perhaps" if rules else "not",
    )


def _title(file: str, tests: Sequence[str]) -> str:
    if len(tests) > 1:
        return TITLE_MANY.format(count=len(tests), file=code(file))
    return TITLE_ONE.format(test=code(tests[0].rpartition("::")[2]))


def _is_test(path: str) -> bool:
    *folders, name = path.split("/")
    named = name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
    return named or "tests" in folders or "test" in folders

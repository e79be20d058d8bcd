"""The budgets and habits of style, tested; every exception is in exceptions.py with its reason."""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from tests.architecture import exceptions
from tests.architecture.sources import calls, functions, product, suite

FILE_LINES, FUNCTION_LINES, PARAMETERS = 300, 40, 6
BREATH_S = 0.01
NO_NOUN = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "core", "misc"}
TIME = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time",
    "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter",
    "time.perf_counter_ns", "time.localtime", "time.gmtime", "time.sleep",
}  # fmt: skip
RANDOM = {"uuid.uuid1", "uuid.uuid4", "os.urandom", "random", "secrets"}
RANDOM_NAMES = {"uuid1", "uuid4", "random", "secrets", "urandom"}


def against(found: Iterable[str], allowed: Mapping[str, str]) -> None:
    """Nothing beside what is allowed, and nothing allowed that is not there."""
    there = set(found)
    broken = sorted(there - set(allowed))
    assert broken == [], "mend it, or name it with its reason in tests/architecture/exceptions.py"
    assert sorted(set(allowed) - there) == [], "this exception is not needed any more: remove it"


def test_no_file_is_long() -> None:
    every = (*product(), *suite())
    against((s.path for s in every if s.lines > FILE_LINES), exceptions.LONG_FILES)


def test_no_function_is_long() -> None:
    against(
        (
            name
            for source in product()
            if "/migrations/" not in source.path  # a migration is a list of tables
            for name, function in functions(source)
            if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES
        ),
        exceptions.LONG_FUNCTIONS,
    )


def test_no_function_has_many_parameters() -> None:
    against(
        (
            name
            for source in product()
            for name, function in functions(source)
            if len(_parameters(function.args)) > PARAMETERS
        ),
        exceptions.MANY_PARAMETERS,
    )


def test_everything_has_a_noun() -> None:
    parts = ((s.path, PurePosixPath(s.path).with_suffix("").parts) for s in (*product(), *suite()))
    against((path for path, names in parts if NO_NOUN & set(names)), {})


def test_every_module_says_what_it_is() -> None:
    silent = (s.path for s in product() if s.text.strip() and not ast.get_docstring(s.tree))
    against(silent, {})


def test_every_public_thing_says_what_it_is() -> None:
    """A migration's file says it for its one function, which alembic names."""
    spoken = [source for source in product() if "/migrations/" not in source.path]
    found = {
        name
        for source in spoken
        for name, function in functions(source)
        if not _private(name) and not ast.get_docstring(function) and not _overload(function)
    }
    found |= {
        f"{source.path}::{node.name}"
        for source in spoken
        for node in source.tree.body
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    }
    against(found, {})


def test_everything_that_is_raised_is_caught_by_name() -> None:
    found = {s.path for s in product() for node in ast.walk(s.tree) if _catches_all(node)}
    against(found, exceptions.CATCHES_ALL)


def test_nothing_but_the_clock_reads_the_time() -> None:
    found = {s.path for s in product() for name, _ in calls(s.tree) if name in TIME}
    found |= {
        s.path for s in product() if _imports(s.tree, "time", {n.split(".")[1] for n in TIME})
    }
    against(found, exceptions.READS_TIME)


def test_nothing_is_random() -> None:
    found = {
        s.path
        for s in product()
        for name, _ in calls(s.tree)
        if name in RANDOM or name.split(".")[0] in RANDOM
    }
    found |= {
        s.path
        for s in product()
        if any(_imports(s.tree, m, RANDOM_NAMES) for m in ("uuid", "os", "random", "secrets"))
    }
    against(found, exceptions.IS_RANDOM)


def test_tests_patch_nothing() -> None:
    used = {"mock.patch", "monkeypatch.setattr", "monkeypatch.setitem", "mocker.patch"}
    found = {s.path for s in suite() for name, _ in calls(s.tree) if name in used}
    found |= {s.path for s in suite() if _imports(s.tree, "unittest", {"mock"})}
    found |= {s.path for s in suite() if _imports(s.tree, "unittest.mock", None)}
    against(found, {})


def test_tests_do_not_sleep() -> None:
    found = {
        source.path
        for source in suite()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and _sleeps(node)
    }
    against(found, exceptions.SLEEPS_IN_TESTS)


def test_every_ignored_error_is_named() -> None:
    bare = re.compile(r"#\s*type: ignore(?!\[)|#\s*noqa(?!:)")
    every = (*product(), *suite())
    against((s.path for s in every if any(map(bare.search, _comments(s.text)))), {})


def _comments(text: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def _parameters(arguments: ast.arguments) -> list[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [each.arg for each in every if each.arg not in ("self", "cls")]


def _private(name: str) -> bool:
    """Whether any part of `path::Outer.inner` is not for others; what is inside a function is not."""
    parts = name.rpartition("::")[2].split(".")
    return any(part.startswith("_") for part in parts) or len(parts) > 2 or _nested(parts)


def _nested(parts: list[str]) -> bool:
    return len(parts) == 2 and not parts[0][:1].isupper()


def _overload(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "overload"
               for each in function.decorator_list)  # fmt: skip


def _catches_all(node: ast.AST) -> bool:
    """Whether everything ends here; what tidies up and raises again at its end is no end."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    last = node.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(
        each is None or (isinstance(each, ast.Name) and each.id in ("Exception", "BaseException"))
        for each in caught
    )


def _imports(tree: ast.AST, module: str, names: set[str] | None) -> bool:
    """Whether `from module import …` brings one of `names` in; None: anything."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == module
        and (names is None or any(alias.name in names for alias in node.names))
        for node in ast.walk(tree)
    )


def _sleeps(call: ast.Call) -> bool:
    """Whether it waits for time to go by. A breath in a loop that looks at another thread or
    process is none: without it the loop would burn what the other needs."""
    if ast.unparse(call.func) not in ("asyncio.sleep", "time.sleep", "anyio.sleep"):
        return False
    waits = call.args[0] if call.args else None
    return not (
        isinstance(waits, ast.Constant)
        and isinstance(waits.value, int | float)
        and waits.value <= BREATH_S
    )

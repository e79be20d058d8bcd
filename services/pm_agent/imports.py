"""Which modules of the repository a Python file imports, told from its text alone."""

import ast
import warnings
from collections.abc import Iterator
from pathlib import PurePosixPath

from services.pm_agent.tree import Tree

ROOTS = ("", "src/", "lib/", "python/")


def imported(tree: Tree, path: str) -> tuple[str, ...]:
    """Files of the tree that `path` imports, sorted. Names that a package's `__init__.py` only hands
    on lead to the module they come from."""
    files: set[str] = set()
    for module, name in _imports(tree, path):
        files |= set(_resolve(tree, module, name, handed_on=True))
    files.discard(path)
    return tuple(sorted(files))


def is_module_of(tree: Tree, name: str) -> bool:
    """Whether the top-level module `name` is in the tree, at any usual root."""
    return any(
        f"{root}{name}.py" in tree.names or f"{root}{name}" in tree.folders for root in ROOTS
    )


def _imports(tree: Tree, path: str) -> Iterator[tuple[str, str]]:
    """(module, name taken from it or empty) of every import, relative ones made absolute."""
    try:
        with warnings.catch_warnings(action="ignore"):  # a file may be full of doubtful escapes
            parsed = ast.parse(tree.read(path) or "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(parsed):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(path, node.level, node.module or "")
            yield from ((module, alias.name) for alias in node.names)


def _absolute(path: str, level: int, module: str) -> str:
    if level == 0:
        return module
    package = PurePosixPath(path).parts[: -level or None]
    return ".".join([*package, *([module] if module else [])])


def _resolve(tree: Tree, module: str, name: str, *, handed_on: bool) -> Iterator[str]:
    inner = _file(tree, f"{module}.{name}".strip(".")) if name and name != "*" else None
    if inner is not None:
        yield inner
        return
    outer = _file(tree, module)
    if outer is None:
        return
    further = []
    if handed_on and name and outer.endswith("__init__.py"):
        further = [
            file
            for below, taken in _imports(tree, outer)
            if taken == name
            for file in _resolve(tree, below, taken, handed_on=False)
        ]
    yield from further or [outer]


def _file(tree: Tree, module: str) -> str | None:
    place = module.replace(".", "/")
    for root in ROOTS:
        for file in (f"{root}{place}.py", f"{root}{place}/__init__.py", f"{place}.py"):
            if place and file in tree.names:
                return file
    return None

"""The sources that the rules are about, parsed once."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_OURS = ("services/demo/sample/", "tests/fixtures/")
"""The sample has faults on purpose; fixtures are what others wrote."""


@dataclass(frozen=True)
class Source:
    """A Python file; `path` from the top, with `/`."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """How long it is."""
        return self.text.count("\n")


@cache
def sources(*tops: str) -> tuple[Source, ...]:
    """Every Python file of ours below these folders, by path."""
    found = sorted(path for top in tops for path in (ROOT / top).rglob("*.py"))
    named = ((path, path.relative_to(ROOT).as_posix()) for path in found)
    return tuple(_read(path, name) for path, name in named if not name.startswith(NOT_OURS))


def product() -> tuple[Source, ...]:
    """What is installed."""
    return sources("services", "shared")


def suite() -> tuple[Source, ...]:
    """What proves it."""
    return sources("tests")


def functions(source: Source) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function with `path::Outer.inner` as its name."""
    yield from _functions(source.tree, f"{source.path}::")


def calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every dotted name that is used, `datetime.now`, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}", node.lineno


def _functions(
    node: ast.AST, prefix: str
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{child.name}", child
            yield from _functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield from _functions(child, prefix)


def _read(path: Path, name: str) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(name, text, ast.parse(text, filename=name))

"""Builds `gatefleet_messages` from `shared/messages`, which is its only source.

In a checkout the modules lie in `shared/`, and their import root is rewritten on the way into the
wheel or the source distribution; in a source distribution they lie here, rewritten already.
"""

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

NAME = "gatefleet_messages"
HERE = Path(__file__).parent
UNPACKED = HERE / "src" / NAME
SHARED = HERE.parent.parent / "shared"
ROOTS = {r"\bshared\.messages\b": NAME, r"\bshared\.errors\b": f"{NAME}.errors"}

STRANGER = "{path}: imports {module}, which {name} does not hold; move it into shared/messages"
NO_SOURCE = "{path}: is not there; build from a checkout, or from a source distribution"


class BuildMessages(build_py):
    """Puts the package together in the build folder; nothing of an earlier build stays in it."""

    def run(self) -> None:
        """See `build_py`."""
        target = Path(self.build_lib) / NAME
        shutil.rmtree(target, ignore_errors=True)
        write_package(target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """What `run` writes."""
        return [str(Path(self.build_lib) / NAME / name) for name, _ in modules()]

    def get_source_files(self) -> list[str]:
        """None of the files beside this one: `PackSources` adds what there is."""
        return []


class PackSources(sdist):
    """A source distribution that needs no checkout: with the package, and with this file."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        """See `sdist`."""
        super().make_release_tree(base_dir, files)
        write_package(Path(base_dir) / "src" / NAME)
        shutil.copyfile(HERE / "building.py", Path(base_dir) / "building.py")


def write_package(target: Path) -> None:
    """Write every module below `target`."""
    target.mkdir(parents=True, exist_ok=True)
    for name, text in modules():
        (target / name).write_text(text, encoding="utf-8")


def modules() -> Iterator[tuple[str, str]]:
    """Each file of the package with its text. SystemExit names an import that would lead nowhere."""
    if UNPACKED.is_dir():
        for path in sorted(UNPACKED.iterdir()):
            if path.suffix == ".py" or path.name == "py.typed":
                yield path.name, path.read_text(encoding="utf-8")
        return
    sources = [*sorted((SHARED / "messages").glob("*.py")), SHARED / "errors.py"]
    for path in sources:
        if not path.is_file():
            raise SystemExit(NO_SOURCE.format(path=path))
        yield path.name, rewritten(path)
    yield "py.typed", ""


def rewritten(path: Path) -> str:
    """A module's text with the import root of the package."""
    text = path.read_text(encoding="utf-8")
    for root, here in ROOTS.items():
        text = re.sub(root, here, text)
    for node in ast.walk(ast.parse(text, filename=str(path))):
        named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        named += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for module in named:
            if module.partition(".")[0] in ("shared", "services"):
                raise SystemExit(STRANGER.format(path=path, module=module, name=NAME))
    return text

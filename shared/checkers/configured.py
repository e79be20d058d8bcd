"""Which tools a repository configures, told from its files alone."""

import configparser
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

TEXT_LIMIT_BYTES = 1024 * 1024
FOLDERS_LIMIT = 5_000

_RUFF_FILES = frozenset({"ruff.toml", ".ruff.toml"})
_MYPY_FILES = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")  # mypy's own order


def configures_ruff(workspace: Path) -> bool:
    """Whether any file of the tree configures ruff, also in a folder below the top."""
    for folder, names in _folders(workspace):
        if _RUFF_FILES & set(names):
            return True
        if "pyproject.toml" in names and "ruff" in _tools(folder / "pyproject.toml"):
            return True
    return False


def configures_ruff_format(workspace: Path) -> bool:
    """Whether the top of the tree asks for ruff's formatter by a section of its own."""
    plain = (_toml(workspace / name) for name in sorted(_RUFF_FILES))
    ruff = _tools(workspace / "pyproject.toml").get("ruff")
    return any("format" in part for part in (*plain, ruff) if isinstance(part, Mapping))


def mypy_config(workspace: Path) -> tuple[str, bool] | None:
    """The file at the top that configures mypy, and whether it says what to check; None: no file."""
    for name in _MYPY_FILES:
        if name.endswith(".toml"):
            section = _tools(workspace / name).get("mypy")
        else:
            section = _ini_section(workspace / name, "mypy")
        if isinstance(section, Mapping):
            return name, bool({"files", "packages", "modules"} & set(section))
    return None


def read_text(path: Path, *, limit: int = TEXT_LIMIT_BYTES) -> str | None:
    """The text of a regular file; None for a link, another kind, a large one or no UTF-8."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            content = file.read(limit + 1)
        return content.decode("utf-8-sig") if len(content) <= limit else None
    except (OSError, UnicodeDecodeError):
        return None


def _folders(workspace: Path) -> Iterator[tuple[Path, list[str]]]:
    for count, (folder, below, names) in enumerate(os.walk(workspace)):
        if count >= FOLDERS_LIMIT:
            return
        below[:] = sorted(name for name in below if name != ".git")
        yield Path(folder), names


def _toml(path: Path) -> Mapping[str, object]:
    text = read_text(path)
    try:
        return tomllib.loads(text) if text is not None else {}
    except tomllib.TOMLDecodeError:
        return {}  # the tool itself says what is wrong with it


def _tools(path: Path) -> Mapping[str, object]:
    tools = _toml(path).get("tool")
    return tools if isinstance(tools, Mapping) else {}


def _ini_section(path: Path, name: str) -> Mapping[str, str] | None:
    text = read_text(path)
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text or "")
    except configparser.Error:
        return None
    return dict(parser.items(name)) if parser.has_section(name) else None

"""The fleet's own interpreter and tools, as they are called inside a sandbox."""

import importlib.util
import os
import site
import sys
import sysconfig
from pathlib import Path

from shared.errors import Missing

NOT_INSTALLED = "{0}: not installed beside gatefleet; pip install {0}"

_SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin")
_NEEDS_FOLDER_ON_PATH = frozenset({"pytest"})


def tool_environment() -> tuple[dict[str, str], tuple[Path, ...]]:
    """Environment and read-only folders with which our interpreter and tools work inside.

    No tool may leave caches in the workspace: they would become part of the change.
    """
    scripts = sysconfig.get_path("scripts")
    environment = {
        "PATH": ":".join(dict.fromkeys((scripts, *_SYSTEM_PATH))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_ADDOPTS": "-p no:cacheprovider",
        "RUFF_NO_CACHE": "true",
        "MYPY_CACHE_DIR": os.devnull,
        "NO_COLOR": "1",
    }
    return environment, interpreter_folders()


def python_tool(name: str) -> tuple[str, ...]:
    """The first arguments of one of our Python tools: `(*python_tool("ruff"), "check", …)`.

    `python` is the interpreter itself. `-P` keeps a folder `ruff/` in the workspace from
    standing in for ruff; pytest goes without: projects count on their root being importable.
    Raises Missing where the tool is not installed.
    """
    if name == "python":
        return (sys.executable,)
    if importlib.util.find_spec(name) is None:
        raise Missing(NOT_INSTALLED.format(name))
    flags = () if name in _NEEDS_FOLDER_ON_PATH else ("-P",)
    return (sys.executable, *flags, "-m", name)


def interpreter_folders() -> tuple[Path, ...]:
    """Folders that our interpreter is made of, wherever they are, outermost only.

    Both as they are called and as they resolve: a virtual environment's python links to its base,
    and the base may itself be a link to one version of it.
    """
    executable = Path(sys.executable).resolve()
    wanted = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix]
    wanted += [path for path in site.getsitepackages() if Path(path).is_dir()]
    wanted += [str(executable.parent.parent)]
    folders = {Path(path).absolute() for path in wanted} | {Path(path).resolve() for path in wanted}
    return tuple(
        sorted(
            folder for folder in folders if not any(other in folder.parents for other in folders)
        )
    )

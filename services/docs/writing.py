"""Which documents are generated, written to a folder or compared with what lies there."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from services.console.api.openapi import openapi
from services.docs.env_example import env_example
from services.docs.metrics_page import metrics_page
from services.docs.parties import parties
from services.docs.settings_page import settings_page
from services.docs.topology_page import topology_page
from shared.bus.asyncapi import asyncapi
from shared.bus.documents import messages_page
from shared.policy.reference import reference

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "docs"


def _version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


PAGES: Mapping[str, Callable[[], str]] = {
    ".env.example": env_example,
    "asyncapi.json": lambda: asyncapi(parties(), version=_version()),
    "messages.md": lambda: messages_page(parties()),
    "metrics.md": metrics_page,
    "openapi.json": openapi,
    "policy.md": reference,
    "settings.md": settings_page,
    "topology.md": topology_page,
}
"""What makes each document's text."""


def write(folder: Path) -> list[Path]:
    """Write every document whose text changed; returns their paths."""
    stale = check(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for path in stale:
        path.write_text(PAGES[path.name](), encoding="utf-8")
    return stale


def check(folder: Path) -> list[Path]:
    """The documents that are missing or say something else than the code, in order of their names."""
    return [
        place(folder, name) for name, page in PAGES.items() if _read(place(folder, name)) != page()
    ]


def place(folder: Path, name: str) -> Path:
    """Where a document lies: what begins with a dot is beside the folder, where compose looks for it."""
    return folder.parent / name if name.startswith(".") else folder / name


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None

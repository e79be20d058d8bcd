"""What `gatefleet demo` was asked to do."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SandboxChoice = Literal["auto", "bubblewrap", "process"]


@dataclass(frozen=True)
class Options:
    """The command line of `gatefleet demo`."""

    repo: Path | None = None
    """A local git repository; None is the bundled sample."""
    yes: bool = False
    as_json: bool = False
    keep: Path | None = None
    sandbox: SandboxChoice = "auto"
    port: int = 0
    limit_s: float = 900.0

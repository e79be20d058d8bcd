"""The control groups that can be made here: a real limit of memory and processes, for all of a run.

Limits per process (rlimits) do not add up over a process tree, and `RLIMIT_NPROC` counts a user
over all sandboxes; a control group holds the run as a whole and says whether the kernel killed for
memory.
Only root can make one without help; elsewhere the keeper watches from outside.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MOUNTS = Path("/proc/self/mounts")
_FAMILY = "gatefleet"


@dataclass(frozen=True)
class Cgroup:
    """One group to make: its folder (`{pid}` is the keeper's), what to write, where kills show."""

    folder: str
    write: tuple[tuple[str, str, bool], ...]
    """File, value, and whether the limit is missed where the kernel has no such file."""
    events: str = ""

    def as_json(self) -> dict[str, Any]:
        """What the keeper reads."""
        return {"folder": self.folder, "write": self.write, "events": self.events}


def find_cgroups(
    memory_bytes: int, processes: int, *, mounts: Path = _MOUNTS
) -> tuple[Cgroup, ...]:
    """Groups that hold both memory and processes, or none: half of it would look like a limit."""
    unified, memory, pids = None, None, None
    for line in mounts.read_text().splitlines() if mounts.exists() else ():
        _, where, kind, options = line.split()[:4]
        if kind == "cgroup2":
            unified = Path(where)
        if kind == "cgroup" and "memory" in options.split(","):
            memory = Path(where)
        if kind == "cgroup" and "pids" in options.split(","):
            pids = Path(where)
    if memory is not None and pids is not None and _may_make(memory) and _may_make(pids):
        return _version_1(memory, pids, memory_bytes=memory_bytes, processes=processes)
    if unified is not None and _may_make(unified) and _delegates(unified):
        return _version_2(unified, memory_bytes=memory_bytes, processes=processes)
    return ()


def _may_make(root: Path) -> bool:
    """Writable, and not a read-only mount as in most containers."""
    return os.access(root, os.W_OK)


def _delegates(root: Path) -> bool:
    """Whether groups below `root` are given the two controllers that we need."""
    control = root / "cgroup.subtree_control"
    return control.exists() and {"memory", "pids"} <= set(control.read_text().split())


def _version_1(
    memory: Path, pids: Path, *, memory_bytes: int, processes: int
) -> tuple[Cgroup, ...]:
    limits = (
        ("memory.limit_in_bytes", str(memory_bytes), True),
        ("memory.memsw.limit_in_bytes", str(memory_bytes), False),
    )
    return (
        Cgroup(str(memory / f"{_FAMILY}-{{pid}}"), limits, "memory.oom_control"),
        Cgroup(str(pids / f"{_FAMILY}-{{pid}}"), (("pids.max", str(processes), True),)),
    )


def _version_2(root: Path, *, memory_bytes: int, processes: int) -> tuple[Cgroup, ...]:
    limits = (
        ("memory.max", str(memory_bytes), True),
        ("memory.swap.max", "0", False),
        ("memory.oom.group", "1", False),  # half a process tree is of no use to anyone
        ("pids.max", str(processes), True),
    )
    return (Cgroup(str(root / f"{_FAMILY}-{{pid}}"), limits, "memory.events"),)

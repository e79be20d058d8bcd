"""Which process something belongs to: a process id alone is given to another one sooner or later, so
the moment at which it began belongs to its name."""

import os
from dataclasses import dataclass
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_START_FIELD = 19
"""Of /proc/PID/stat, counted after the program's name."""


@dataclass(frozen=True)
class Owner:
    """A process. `began` is empty where the system does not tell."""

    pid: int
    began: str = ""

    def __str__(self) -> str:
        """As `read_owner` reads it."""
        return f"{self.pid} {self.began}"


def owner_of(pid: int) -> Owner | None:
    """The process that has this id now; None: there is none, or it is dead and not buried."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return _without_proc(pid)
    if fields[0] in (b"Z", b"X"):
        return None
    boot = _BOOT.read_text().strip() if _BOOT.exists() else ""
    return Owner(pid, f"{boot}:{fields[_START_FIELD].decode()}")


def this_process() -> Owner:
    """Ourselves."""
    return owner_of(os.getpid()) or Owner(os.getpid())


def is_alive(owner: Owner) -> bool:
    """Whether that very process is there."""
    return owner_of(owner.pid) == owner


def read_owner(text: str) -> Owner | None:
    """The process that `str(owner)` names; None for a text that names none."""
    pid, _, began = text.strip().partition(" ")
    return Owner(int(pid), began) if pid.isdecimal() and int(pid) > 0 else None


def _without_proc(pid: int) -> Owner | None:
    if Path("/proc/self/stat").exists():
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return Owner(pid)

"""Imports every module of the product in a process that may only read. Run as a script.

Prints each module that did something at import: reached out, started a process or a thread, wrote,
or changed the process's surroundings.
"""

import importlib
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

REFUSED = (
    "socket.bind", "socket.connect", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen",
    "os.system", "os.posix_spawn", "os.fork", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
    "os.chdir", "os.chmod", "os.chown", "os.putenv", "os.unsetenv", "os.truncate", "os.symlink",
    "os.link", "shutil.rmtree", "shutil.copyfile", "tempfile.mkstemp", "tempfile.mkdtemp",
    "sqlite3.connect",
)  # fmt: skip
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class DidSomething(BaseException):
    """Not an Exception, so that nobody who is lenient at import hides it."""


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """The audit hook."""
    writes = event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & WRITES)
    if writes and str(arguments[0]) == os.devnull:
        return
    if event in REFUSED or writes:
        raise DidSomething(f"{event} {arguments[:2]!r}")


def modules(root: Path) -> list[str]:
    """Every module that can be imported by its name."""
    paths = sorted(path for top in ("shared", "services") for path in (root / top).rglob("*.py"))
    parts = [path.relative_to(root).with_suffix("").parts for path in paths]
    names = [".".join(each[:-1] if each[-1] == "__init__" else each) for each in parts]
    return [
        name
        for name, each in zip(names, parts, strict=True)
        if all(part.isidentifier() for part in each) and each[:3] != ("services", "demo", "sample")
    ]


def surroundings() -> tuple[object, ...]:
    """What a module could change without being refused."""
    return (
        os.getcwd(), dict(os.environ), threading.active_count(), os.umask(os.umask(0o77) or 0o77),
        signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM),
    )  # fmt: skip


def main(root: Path) -> int:
    """0 when every module only defined things."""
    sys.path.insert(0, str(root))
    names = modules(root)
    before = surroundings()
    sys.addaudithook(refuse)
    bad = 0
    for name in names:
        try:
            importlib.import_module(name)
        except DidSomething as did:
            bad += 1
            print(f"{name}: {did}")
        if surroundings() != before:
            bad += 1
            print(f"{name}: changed the process around it")
            before = surroundings()
    print(f"{len(names)} modules")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

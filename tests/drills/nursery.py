"""Gives birth to lives: a process that has imported everything once and forks for each of them.

    python -m tests.drills.nursery SOCKET

It is the parent of what a killed life leaves behind, too, so that orphans can be counted. One line a
connection: `live ORDERS` becomes that life's stdin and stdout, `wait PID` is answered with its exit
code, `orphans` with what is left of anybody.
"""

import asyncio
import ctypes
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

from tests.drills.life import live
from tests.drills.orders import Orders

_PR_SET_CHILD_SUBREAPER = 36


def serve(path: str) -> None:
    """Until it is terminated."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen()
        print("ready", flush=True)
        while True:
            asking, _ = door.accept()
            with asking:
                word, _, rest = asking.makefile("r").readline().strip().partition(" ")
                if word == "live":
                    _fork(asking, door, Path(rest))
                elif word == "wait":
                    _, status = os.waitpid(int(rest), 0)
                    asking.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
                else:
                    asking.sendall("".join(f"{each}\n" for each in _children()).encode())


def _fork(asking: socket.socket, door: socket.socket, orders: Path) -> None:
    pid = os.fork()
    if pid:
        return
    code = 1
    try:
        door.close()
        for stream in (0, 1):
            os.dup2(asking.fileno(), stream)
        asking.close()
        errors = os.open(orders.parent / "stderr", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(errors, 2)
        print(os.getpid(), flush=True)
        asyncio.run(live(Orders.model_validate_json(orders.read_text(encoding="utf-8"))))
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        raise
    finally:
        os._exit(code)


def _children() -> list[str]:
    """Those that are alive; the others are laid to rest."""
    alive: list[str] = []
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    for pid in map(int, listed.split()):
        with suppress(ChildProcessError, FileNotFoundError):
            if os.waitpid(pid, os.WNOHANG)[0] == 0:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                alive.append(f"{pid} {b' '.join(words).decode(errors='replace')[:300]}")
    return alive


if __name__ == "__main__":
    serve(sys.argv[1])

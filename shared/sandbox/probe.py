"""What a hostile program tries first. Run inside a sandbox as a script; prints one JSON object.

Its argument is a JSON object: `files` (paths that must not be readable), `port` (a listener of the
host on 127.0.0.1), `socket` (an abstract Unix socket of the host), `processes` (ids of the host's),
`namespace` (the host's process namespace), `environment` (names that were given on purpose).
The answer names what it got through to, by area; every list must be empty. It imports nothing of
this project, so that it runs where only an interpreter is.
"""

import contextlib
import json
import os
import socket
import sys
from typing import Any

_OUTSIDE = (("169.254.169.254", 80), ("1.1.1.1", 53), ("172.17.0.1", 80), ("10.0.2.2", 22))
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock", "/run/dbus/system_bus_socket")
_SECRET_PLACES = (
    "/root/.ssh",
    "/root/.aws",
    "/root/.netrc",
    "/root/.docker",
    "/home",
    "/etc/shadow",
)
_WAIT_SECONDS = 0.3
_OURS = ("PATH", "HOME", "TMPDIR", "LANG", "PWD", "LC_CTYPE", "container")


def _connects(kind: int, address: Any) -> bool:
    with socket.socket(kind, socket.SOCK_STREAM) as tried:
        tried.settimeout(_WAIT_SECONDS)
        try:
            tried.connect(address)
        except OSError:
            return False
        return True


def _files(paths: list[str]) -> list[str]:
    """Paths that can be read, listed with something in them, or written beside."""
    open_ones = []
    for path in (*paths, *_SECRET_PLACES):
        with contextlib.suppress(OSError):
            if os.path.isdir(path):
                readable = bool(os.listdir(path))
            else:
                with open(path, "rb") as file:
                    readable = bool(file.read(1))
            if readable:
                open_ones.append(path)
    for folder in ("/", "/etc", "/usr", "/var/tmp", "/dev"):  # noqa: S108 - not ours to write
        with contextlib.suppress(OSError):
            path = os.path.join(folder, "gatefleet-probe")
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
            os.unlink(path)
            open_ones.append(f"write {folder}")
    return open_ones


def _network(port: int, abstract: str) -> list[str]:
    found = [f"{host}:{at}" for host, at in _OUTSIDE if _connects(socket.AF_INET, (host, at))]
    if _connects(socket.AF_INET, ("127.0.0.1", port)):
        found.append(f"127.0.0.1:{port} of the host")
    if abstract and _connects(socket.AF_UNIX, "\0" + abstract):
        found.append("an abstract socket of the host")
    found += [path for path in _SOCKETS if _connects(socket.AF_UNIX, path)]
    found += [name for _, name in socket.if_nameindex() if name != "lo"]
    return found


def _processes(namespace: str, outside: list[int]) -> list[str]:
    """Whether the host's processes are in sight. Numbers alone would not tell: a fleet that is
    process 1 of its container has a namesake in every sandbox."""
    if namespace:
        mine = os.readlink("/proc/self/ns/pid")
        return ["the process namespace of the host"] if mine == namespace else []
    found = []
    for pid in outside:
        with contextlib.suppress(OSError):
            os.kill(pid, 0)
            found.append(f"signal to {pid}")
    return found


def _environment(allowed: list[str]) -> list[str]:
    """Names of variables that anybody here has, beside those that were given."""
    found = set(os.environ)
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else []:
        with contextlib.suppress(OSError), open(f"/proc/{entry}/environ", "rb") as file:
            pairs = file.read().split(b"\0")
            found |= {pair.partition(b"=")[0].decode(errors="replace") for pair in pairs if pair}
    return sorted(found - {*_OURS, *allowed})


def main(question: dict[str, Any]) -> None:
    """Try everything, print what was open."""
    answer = {
        "files": _files(question["files"]),
        "network": _network(question["port"], question["socket"]),
        "processes": _processes(question["namespace"], question["processes"]),
        "environment": _environment(question["environment"]),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

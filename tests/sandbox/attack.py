"""A hostile program, run inside: `attack.py NAME [JSON]`; prints what it got away with."""

import contextlib
import ctypes
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_USERFAULTFD = {"x86_64": 323, "aarch64": 282}.get(os.uname().machine, -1)
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


def _opens(path: str, flags: int = os.O_RDONLY) -> bool:
    try:
        opened = os.open(path, flags)
    except OSError:
        return False
    with contextlib.suppress(OSError):
        if flags == os.O_RDONLY and not os.path.isdir(path):
            return bool(os.read(opened, 1))
    os.close(opened)
    return True


def _connects(family: int, address: Any, kind: int = socket.SOCK_STREAM) -> bool:
    try:
        with socket.socket(family, kind) as tried:
            tried.settimeout(0.3)
            tried.connect(address)
            if kind == socket.SOCK_DGRAM:
                tried.send(b"x")
    except OSError:
        return False
    return True


def _libc(name: str, *arguments: Any) -> bool:
    return int(getattr(ctypes.CDLL(None), name)(*arguments)) >= 0


def _raises(call: Any, *arguments: Any) -> bool:
    try:
        call(*arguments)
    except (OSError, subprocess.CalledProcessError):
        return True
    return False


def _resolves(name: str) -> bool:
    return not _raises(socket.getaddrinfo, name, 80)


def _write_targets() -> list[str]:
    folders = ("/", "/usr", "/usr/bin", "/etc", "/dev", "/root", "/var", sys.prefix)
    targets = [f"{folder}/planted" for folder in folders]
    return [path for path in targets if _opens(path, os.O_CREAT | os.O_WRONLY)]


def _canary_anywhere(canary: str) -> list[str]:
    """Every file that can be read, but the system's own: environments, command lines, all."""
    found = []
    for top, folders, files in os.walk("/"):
        if top in ("/usr", "/sys", "/nix", sys.prefix, sys.base_prefix):
            folders.clear()
            continue
        for name in files:
            path = os.path.join(top, name)
            with contextlib.suppress(OSError, ValueError):
                if name not in ("kmsg", "kcore", "attack.py", "question.json"):
                    opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
                    try:
                        if canary.encode() in os.read(opened, 1 << 20):
                            found.append(path)
                    finally:
                        os.close(opened)
    return found + [name for name, value in os.environ.items() if canary in value]


def _network(question: dict[str, Any]) -> dict[str, Any]:
    return {
        "host listener on loopback": _connects(socket.AF_INET, ("127.0.0.1", question["port"])),
        "abstract socket": _connects(socket.AF_UNIX, "\0" + question["abstract"]),
        "unix socket of the host": _connects(socket.AF_UNIX, question["socket"]),
        "metadata service": _connects(socket.AF_INET, ("169.254.169.254", 80)),
        "internet": _connects(socket.AF_INET, ("1.1.1.1", 443)),
        "udp": _connects(socket.AF_INET, ("1.1.1.1", 53), socket.SOCK_DGRAM),
        "ipv6": _connects(socket.AF_INET6, ("2606:4700:4700::1111", 443)),
        "dns": _resolves("example.com"),
        "interfaces": [name for _, name in socket.if_nameindex()] != ["lo"],
        "raw socket": not _raises(socket.socket, socket.AF_INET, socket.SOCK_RAW, 1),
    }


def escape(question: dict[str, Any]) -> None:
    """Try everything of the list; print the names of what was possible."""
    tried = {
        **_network(question),
        "docker": any(
            _connects(socket.AF_UNIX, path) for path in ("/var/run/docker.sock", "/run/docker.sock")
        ),
        "shadow": _opens("/etc/shadow"),
        "host file": _opens(question["file"]),
        "files of root": sorted(os.listdir("/root")) if os.path.isdir("/root") else [],
        "homes": os.path.isdir("/home") and os.listdir("/home"),
        "kernel memory": _opens("/dev/mem") or _opens("/dev/kmsg"),
        "core pattern": _opens("/proc/sys/kernel/core_pattern", os.O_WRONLY),
        "sysrq": _opens("/proc/sysrq-trigger", os.O_WRONLY),
        "written": _write_targets(),
        "setuid": _libc("setuid", 0),
        "mount": _libc("mount", b"none", b"/tmp", b"tmpfs", 0, None),
        "remount": _libc("mount", None, b"/usr", None, 32 | 4096, None),
        "umount": _libc("umount2", b"/tmp", 2),
        "user namespace": _libc("unshare", _CLONE_NEWUSER),
        "network namespace": _libc("unshare", _CLONE_NEWNET),
        "io_uring": _libc("syscall", 425, 1, ctypes.create_string_buffer(120)),
        "userfaultfd": _libc("syscall", _USERFAULTFD, 1),
        "chroot": not _raises(os.chroot, "/tmp"),
        "device": not _raises(os.mknod, "/tmp/device", 0o060666, os.makedev(8, 0)),
        "canary": _canary_anywhere(question["canary"]),
        "processes": [name for name in os.listdir("/proc") if name.isdigit() and int(name) > 64],
        "privileges": _privileges(),
        "git": os.path.exists("/workspace/.git"),
    }
    own = {"files of root": sorted({*Path(sys.base_prefix).parts[2:3]})}
    allowed = own if sys.base_prefix.startswith("/root/") else {}
    print(
        json.dumps({name: got for name, got in tried.items() if got and got != allowed.get(name)})
    )


def _privileges() -> list[str]:
    # The bounding set is full in a user namespace, and moot where nothing can be gained.
    wanted = {"CapEff": "0" * 16, "CapPrm": "0" * 16, "CapInh": "0" * 16, "NoNewPrivs": "1"}
    status = dict(
        line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if line
    )
    wrong = [name for name, value in wanted.items() if status[name].strip() != value]
    return wrong + (["uid 0"] if 0 in (os.getuid(), os.geteuid(), os.getgid()) else [])


def forks(question: dict[str, Any]) -> None:
    """Start processes until it is refused; print how many there were."""
    started = 0
    with contextlib.suppress(OSError):
        while started < question["most"]:
            if os.fork() == 0:
                time.sleep(600)
            started += 1
    print(json.dumps({"started": started}), flush=True)


def bomb(_: dict[str, Any]) -> None:
    """A fork bomb that never gives up."""
    print("ready", flush=True)
    while True:
        with contextlib.suppress(OSError):
            os.fork()


def memory(question: dict[str, Any]) -> None:
    """Take memory and touch it, in several processes if asked."""
    for _ in range(question.get("processes", 1) - 1):
        if os.fork() == 0:
            break
    held: list[bytearray] = []
    while len(held) < question["mib"]:
        held.append(bytearray(os.urandom(1 << 10)) * 1024)
    print("got it", flush=True)
    time.sleep(600)


def fill(question: dict[str, Any]) -> None:
    """Write until it is refused; print how many MiB went in."""
    written = 0
    block = os.urandom(1 << 20)
    with contextlib.suppress(OSError), open(question["path"], "wb", buffering=0) as file:
        while written < question["mib"]:
            file.write(block)
            written += 1
    print(json.dumps({"mib": written}), flush=True)


def many(question: dict[str, Any]) -> None:
    """Fill the workspace with files, each below any limit of one file, for ever."""
    block = os.urandom(1 << 20)
    for number in range(question["files"]):
        Path(f"part-{number}").write_bytes(block)
    time.sleep(600)


def flood(_: dict[str, Any]) -> None:
    """A GiB of output."""
    block = b"x" * (1 << 20)
    for _n in range(1024):
        os.write(1, block)


def forever(_: dict[str, Any]) -> None:
    """Say one word, then nothing, for ever."""
    print("ready", flush=True)
    time.sleep(600)


def daemon(question: dict[str, Any]) -> None:
    """Leave a process that left its session, its parent and its output, and go."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (0, 1, 2):
                os.close(number)
            with socket.socket(socket.AF_UNIX) as held:
                held.bind(question["mark"])
                held.listen()
                while True:
                    time.sleep(600)
        os._exit(0)
    while not os.path.exists(question["mark"]):
        time.sleep(0.01)
    if question.get("stay"):
        print("ready", flush=True)
        time.sleep(600)


def trap(_: dict[str, Any]) -> None:
    """Leave a workspace that bites: closed folders, setuid, links and pipes."""
    os.makedirs("closed/inside")
    Path("closed/inside/file").write_text("x")
    os.symlink("/etc/passwd", "closed/link")
    os.symlink("/etc", "folder-link")
    os.mkfifo("pipe")
    Path("suid").write_text("x")
    os.chmod("suid", 0o6777)
    os.chmod("closed/inside/file", 0)
    os.chmod("closed/inside", 0)
    os.chmod("closed", 0)
    os.chmod(".", 0o500)


if __name__ == "__main__":
    globals()[sys.argv[1]](json.loads(sys.argv[2]) if len(sys.argv) > 2 else {})

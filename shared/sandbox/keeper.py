"""The keeper: a small process between the fleet and a sandboxed program, that outlives nothing.

Run as a script (`python -I -S keeper.py STATUS_FD`), with one line of JSON on stdin; it imports
nothing of this project. Being the *subreaper* of everything below it, it is handed every orphan,
daemons that called setsid and forked twice included, so it can kill until the kernel says that no
child is left. Without it a process group is all one can kill, and a daemon leaves that in one call.

End of file on stdin (the fleet says stop, or died) kills everything. At the end it writes one line
of JSON on STATUS_FD: exit, stopped (why it was stopped from here), oom, error.
"""

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import sys
from typing import Any

_PR_SET_CHILD_SUBREAPER = 36
_TICK_SECONDS = 0.1
_SLOW_TICKS = 5
_PAGE = resource.getpagesize()


def _descendants() -> dict[int, int]:
    """Threads of every process below this one, by process id. Empty where there is no /proc."""
    parents: dict[int, tuple[int, int]] = {}
    with contextlib.suppress(FileNotFoundError):
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with contextlib.suppress(OSError), open(f"/proc/{entry}/stat", "rb") as stat:
                    fields = stat.read().rpartition(b")")[2].split()
                    parents[int(entry)] = (int(fields[1]), int(fields[17]))
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in parents.items():
        children.setdefault(parent, []).append(pid)
    found: dict[int, int] = {}
    waiting = [os.getpid()]
    while waiting:
        for pid in children.get(waiting.pop(), ()):
            found[pid] = parents[pid][1]
            waiting.append(pid)
    return found


def _own_memory(pids: dict[int, int]) -> int:
    """Bytes of memory that the processes hold by themselves (file and shared pages left out)."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/statm", "rb") as statm:
            _, resident, shared = statm.read().split()[:3]
            total += (int(resident) - int(shared)) * _PAGE
    return total


def _disk_used(path: str) -> tuple[int, int]:
    """Bytes and inodes in use on the file system of `path`; cheap, asked at every tick."""
    fs = os.statvfs(path)
    return (fs.f_blocks - fs.f_bfree) * fs.f_frsize, fs.f_files - fs.f_ffree


def _tree_size(path: str) -> tuple[int, int]:
    """Bytes and entries below `path`, links not followed; it may change under our feet."""
    size = entries = 0
    for _, folders, files, at in os.fwalk(path, onerror=None, follow_symlinks=False):
        for name in (*folders, *files):
            entries += 1
            with contextlib.suppress(OSError):
                size += os.stat(name, dir_fd=at, follow_symlinks=False).st_blocks * 512
    return size, entries


class _Watch:
    """What is looked at from outside, where the kernel does not hold it for us."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._spec = spec
        self._disk_bytes: int = spec["disk_bytes"]
        self._disk_entries: int = spec["disk_entries"]
        self._start = _disk_used(spec["workspace"])
        self._size: tuple[int, int] | None = None
        self._ticks = 0

    def breach(self) -> str:
        """Which limit is broken, or nothing."""
        if not self._spec["cgroups"]:
            below = _descendants()
            if sum(below.values()) > self._spec["processes"] + self._spec["own_processes"]:
                return "processes"
            if _own_memory(below) > self._spec["memory_bytes"]:
                return "memory"
        return "disk" if self._disk_full() else ""

    def _disk_full(self) -> bool:
        """The walk is dear and others use the same disk: it decides, the file system only hints."""
        self._ticks += 1
        used, inodes = _disk_used(self._spec["workspace"])
        grown = used - self._start[0] > self._disk_bytes or (
            inodes - self._start[1] > self._disk_entries
        )
        if not grown or self._ticks % _SLOW_TICKS:
            return False
        size, entries = _tree_size(self._spec["workspace"])
        most_bytes: int = self._disk_bytes + self._spec["disk_before"]
        most_entries: int = self._disk_entries + self._spec["entries_before"]
        return size > most_bytes or entries > most_entries


def _join(cgroups: list[dict[str, Any]]) -> None:
    """Make each control group with its limits and enter it."""
    for group in cgroups:
        os.makedirs(group["folder"], exist_ok=True)
        for name, value, required in group["write"]:
            path = os.path.join(group["folder"], name)
            if required or os.path.exists(path):
                with open(path, "w") as file:
                    file.write(value)
        with open(os.path.join(group["folder"], "cgroup.procs"), "w") as file:
            file.write("0")


def _leave(cgroups: list[dict[str, Any]]) -> bool:
    """Remove the control groups, all members being dead; whether the kernel killed for memory."""
    killed = False
    for group in cgroups:
        if group["events"]:
            with (
                contextlib.suppress(OSError),
                open(os.path.join(group["folder"], group["events"])) as file,
            ):
                lines = [line.split() for line in file]
                killed |= any(name == "oom_kill" and int(count) > 0 for name, count in lines)
        with contextlib.suppress(OSError):
            os.rmdir(group["folder"])
    return killed


def _start(spec: dict[str, Any], status: int) -> tuple[int, int]:
    """Fork the program: its process id, and a pipe that says why, if it cannot start."""
    trouble_read, trouble_write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(trouble_write)
        return pid, trouble_read
    stage = "setup"
    try:
        _join(spec["cgroups"])
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(1, 2)
        os.set_inheritable(status, False)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        for name, value in spec["rlimits"].items():
            which = getattr(resource, name)
            hard = resource.getrlimit(which)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(which, (value, value))
        os.chdir(spec["cwd"])
        stage = "start"
        os.execvpe(spec["argv"][0], spec["argv"], spec["env"])  # noqa: S606
    except (OSError, ValueError) as error:
        if stage == "start":
            stage = "missing" if isinstance(error, FileNotFoundError) else stage
            error = OSError(f"{spec['argv'][0]}: {error.args[-1]}")
        os.write(trouble_write, json.dumps([stage, str(error)]).encode())
    finally:
        os._exit(127)


def _reap() -> dict[int, int]:
    """Every child that is dead by now, with its wait status."""
    dead: dict[int, int] = {}
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            dead[found[0]] = found[1]
    return dead


def _kill_all(main: int) -> None:
    """Kill whatever is below until the kernel knows no child of ours any more."""
    while True:
        for sign in (signal.SIGSTOP, signal.SIGKILL):  # stopped first: a fork bomb cannot outrun it
            for pid in _descendants():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, sign)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(main, signal.SIGKILL)
        _reap()
        try:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                select.select([], [], [], 0.002)
        except ChildProcessError:
            return


def _attend(spec: dict[str, Any], main: int, *, woken: int) -> tuple[int | None, str]:
    """Wait for the program's end, a broken limit or the fleet's word: wait status, why stopped."""
    watch = _Watch(spec)
    while True:
        ready = select.select([0, woken], [], [], _TICK_SECONDS)[0]
        if woken in ready:
            os.read(woken, 4096)
        dead = _reap()
        if main in dead:
            return dead[main], ""
        if 0 in ready:
            return None, "asked"
        if broken := watch.breach():
            return None, broken


def main(status: int) -> None:
    """Read what to run, see it to its end, kill what is left, say how it went."""
    spec = json.loads(sys.stdin.buffer.readline())
    for group in spec["cgroups"]:
        group["folder"] = group["folder"].format(pid=os.getpid())
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    pid, trouble = _start(spec, status)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)  # only the program holds the output now, so its end is the output's end
    os.dup2(quiet, 2)
    code, stopped = _attend(spec, pid, woken=woken)
    _kill_all(pid)
    oom = _leave(spec["cgroups"])
    words = os.read(trouble, 65536)
    exit_code = None if code is None else os.waitstatus_to_exitcode(code)
    answer = {
        "exit": exit_code,
        "stopped": stopped,
        "oom": oom,
        "error": json.loads(words or b"null"),
    }
    os.write(status, json.dumps(answer).encode())


if __name__ == "__main__":
    main(int(sys.argv[1]))

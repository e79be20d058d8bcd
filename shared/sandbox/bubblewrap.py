"""The `bubblewrap` sandbox: namespaces around a program, with nothing inside but what it needs.

Two forms, one inside. As an ordinary user bubblewrap makes a user namespace, and that holds. As
root that is not enough: inside it the program would still be root's user to the kernel, owning
root's files. So root first builds the whole tree with its own rights (it can bind folders below a
0700 `/root`, which no other user could), drops to user 10001 with no capability, no bounding set
and no way to gain any, and only then runs the same user form as everybody else. The second layer
costs about 15 ms of about 70.

The program is never on a path of ours: its arguments and environment are bubblewrap's arguments,
and bubblewrap itself runs with an empty environment, so that an LD_PRELOAD meant for the program
cannot reach the process that sets the sandbox up.
"""

import asyncio
import os
import platform
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from shared.clock import Clock
from shared.errors import Missing
from shared.sandbox.cgroups import Cgroup, find_cgroups
from shared.sandbox.lending import lend, measure, take_back
from shared.sandbox.port import MIB, NOT_FOUND, Command, Finished
from shared.sandbox.seccomp import filter_program
from shared.sandbox.supervise import Launch, last_line, supervise
from shared.sandbox.tools import interpreter_folders

NOT_INSTALLED = "bubblewrap: {} is not on PATH; apt-get install bubblewrap util-linux"
NOT_SET_UP = "bubblewrap: the sandbox could not be set up: {}; see that user namespaces are allowed"
NO_COMMAND = "{}: no such command"

USER = 10001
INSIDE = "/workspace"

_HOME = "/tmp/home"  # noqa: S108 - a path inside the sandbox, on a file system of its own
_TMP = "/tmp"  # noqa: S108 - as above
_TMP_BYTES = 256 * MIB
_SHM_BYTES = 64 * MIB
_PATH = "/usr/local/bin:/usr/bin:/bin"
_ETC = Path(__file__).with_name("etc")
_OWN_PROCESSES = 4
"""Monitors and the first process of the namespace: not the program's, not counted as its."""
_LINKS_OR_FOLDERS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SYSTEM = ("/usr", "/nix/store", "/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf.d")
_LAUNCHER_SAYS = (b"prlimit: failed to execute", b"/usr/bin/env: ")
_PROCESS_LIMIT_PER_NAMESPACE = (5, 14)
"""Since this kernel RLIMIT_NPROC counts a user's processes within one user namespace; before it, a
busy desktop user could not start a single program under such a limit."""


@dataclass(frozen=True)
class _Pipes:
    """What bubblewrap tells us by, and where it reads the system call filter."""

    status_read: int
    status_write: int
    filter_read: int | None

    @property
    def inside(self) -> tuple[int, ...]:
        return tuple(fd for fd in (self.status_write, self.filter_read) if fd is not None)

    @property
    def arguments(self) -> list[str]:
        seccomp = [] if self.filter_read is None else ["--seccomp", str(self.filter_read)]
        return ["--json-status-fd", str(self.status_write), *seccomp]

    def read_status(self) -> bytes:
        """What was said, all of it: two short lines, and nobody is left to write more."""
        os.set_blocking(self.status_read, False)
        try:
            return os.read(self.status_read, 65536)
        except BlockingIOError:
            return b""


@contextmanager
def _pipes() -> Iterator[_Pipes]:
    with ExitStack() as stack:
        status_read, status_write = os.pipe()
        stack.callback(os.close, status_read)
        stack.callback(os.close, status_write)
        filter_read = None
        program = filter_program()
        if program is not None:
            filter_read, filter_write = os.pipe()
            stack.callback(os.close, filter_read)
            os.write(filter_write, program)  # a few hundred bytes: it fits a pipe
            os.close(filter_write)
        yield _Pipes(status_read, status_write, filter_read)


class Bubblewrap:
    """Files, network, processes and environment closed; time, memory, forks and disk bounded."""

    name = "bubblewrap"

    def __init__(
        self, clock: Clock, *, program: str = "bwrap", as_root: bool | None = None
    ) -> None:
        """`as_root`: whether to drop from root to user 10001 first; found out when not given. Root
        that says no gets a sandbox in which `/proc/sys` is root's to write: for tests of limits
        only.

        Raises Missing when bubblewrap or what it needs beside it is not installed.
        """
        self._clock = clock
        self._as_root = os.geteuid() == 0 if as_root is None else as_root
        self._bwrap = _find(program)
        self._setpriv = _find("setpriv") if self._as_root else ""

    @property
    def isolation(self) -> str:
        """One line for people."""
        who = f"as user {USER}" if self._as_root else "in a user namespace"
        return f"bubblewrap, {who}: no network, no files but the workspace and tools, no secrets"

    def path(self, workspace: Path) -> str:
        """Always `/workspace`."""
        return INSIDE

    async def run(self, command: Command) -> Finished:
        """See `Sandbox.run`."""
        before = await asyncio.to_thread(measure, command.workspace)
        if self._as_root:
            await asyncio.to_thread(lend, command.workspace, USER)
        try:
            with _pipes() as pipes:
                launch = self._launch(command, before=before, pipes=pipes)
                finished = await supervise(launch, command, clock=self._clock)
                said = pipes.read_status()
        finally:
            await asyncio.to_thread(take_back, command.workspace)
        if finished.ended == "exited" and b'"exit-code"' not in said:
            # Only bubblewrap ended: nothing ran, and nothing may run with less around it.
            raise Missing(NOT_SET_UP.format(last_line(finished.output)))
        if finished.exit_code == NOT_FOUND and finished.output.startswith(_LAUNCHER_SAYS):
            return replace(finished, reason=NO_COMMAND.format(command.argv[0]))
        return finished

    def _launch(self, command: Command, *, before: tuple[int, int], pipes: _Pipes) -> Launch:
        groups: tuple[Cgroup, ...] = ()
        if self._as_root:
            groups = find_cgroups(command.memory_bytes, command.processes + _OWN_PROCESSES)
        return Launch(
            argv=self._arguments(command, pipes=pipes, held=bool(groups)),
            env={},
            cwd="/",
            name=self.name,
            cgroups=groups,
            own_processes=_OWN_PROCESSES,
            disk_before=before,
            pass_fds=pipes.inside,
        )

    def _arguments(self, command: Command, *, pipes: _Pipes, held: bool) -> tuple[str, ...]:
        """The whole command line: root's layer where there is one, then the user's."""
        shown = _shown(command)
        if not self._as_root:
            return self._user_layer(
                command, shown, workspace=str(command.workspace), pipes=pipes, held=held
            )
        inner = self._user_layer(
            command, [(to, to) for _, to in shown], workspace=INSIDE, pipes=pipes, held=held
        )
        return (
            self._bwrap,
            "--die-with-parent",
            # The inner bubblewrap builds its tree on a folder /tmp, and needs a /proc that nothing
            # is mounted over, or the kernel does not let it mount its own.
            *("--perms", "0755", "--dir", _TMP, "--bind", "/proc", "/proc", "--dev", "/dev"),
            *_tree(shown),
            *("--bind" if command.writable else "--ro-bind", str(command.workspace), INSIDE),
            "--",
            *(self._setpriv, f"--reuid={USER}", f"--regid={USER}", "--clear-groups"),
            *("--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--"),
            *inner,
        )

    def _user_layer(
        self,
        command: Command,
        shown: list[tuple[str, str]],
        *,
        workspace: str,
        pipes: _Pipes,
        held: bool,
    ) -> tuple[str, ...]:
        """The line that holds. `--remount-ro /` last: the root is else an unlimited writable tmpfs,
        and so is /dev."""
        environment = {"PATH": _PATH, "LANG": "C.UTF-8", **command.env}
        environment |= {"HOME": _HOME, "TMPDIR": _TMP}
        return (
            *(self._bwrap, "--unshare-all", "--unshare-user", "--disable-userns"),
            *("--die-with-parent", "--new-session", "--clearenv", "--hostname", "sandbox"),
            *("--uid", str(USER), "--gid", str(USER), *pipes.arguments),
            *("--proc", "/proc", "--dev", "/dev"),
            *("--perms", "1777", "--size", str(_SHM_BYTES), "--tmpfs", "/dev/shm"),  # noqa: S108
            *("--remount-ro", "/dev"),
            *("--perms", "1777", "--size", str(_TMP_BYTES), "--tmpfs", _TMP, "--dir", _HOME),
            *_tree(shown),
            *("--bind" if command.writable else "--ro-bind", workspace, INSIDE),
            *("--chdir", INSIDE, "--remount-ro", "/"),
            *(part for pair in environment.items() for part in ("--setenv", *pair)),
            "--",
            *_process_limit(command.processes, held=held),
            *command.argv,
        )


def _find(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise Missing(NOT_INSTALLED.format(program))
    return str(Path(found).absolute())


def _shown(command: Command) -> list[tuple[str, str]]:
    """What of the host is readable inside: (path on the host, path inside), outermost first."""
    places = [(path, path) for path in _SYSTEM]
    places += [(path, path) for path in _LINKS_OR_FOLDERS if not os.path.islink(path)]
    places += [(str(path), f"/etc/{path.name}") for path in sorted(_ETC.iterdir())]
    places += [(str(path), str(path)) for path in sorted(interpreter_folders())]
    places += [(str(path), str(path.absolute())) for path in sorted(command.read_only)]
    known = {"/usr"}
    kept = []
    for source, inside in places:
        below_known = any(str(parent) in known for parent in Path(inside).parents)
        if os.path.exists(source) and inside not in known and not below_known:
            known.add(inside)
            kept.append((source, inside))
    return [("/usr", "/usr"), *kept]


def _tree(shown: list[tuple[str, str]]) -> list[str]:
    """Arguments for read-only binds. Their parents are made by name, because bubblewrap makes them
    0700: user 10001 could not pass through root's."""
    arguments: list[str] = []
    made = {"/", _TMP, "/dev", "/proc"}
    for source, inside in shown:
        for parent in reversed([str(parent) for parent in Path(inside).parents]):
            if parent not in made:
                arguments += ["--perms", "0755", "--dir", parent]
                made.add(parent)
        arguments += ["--ro-bind", source, inside]
        made.add(inside)
    for link in _LINKS_OR_FOLDERS:
        if os.path.islink(link):
            arguments += ["--symlink", os.readlink(link), link]
    return arguments


def _process_limit(processes: int, *, held: bool) -> tuple[str, ...]:
    """A launcher inside, which also answers 127 for a command that does not exist."""
    prlimit = shutil.which("prlimit", path=_PATH)
    numbers = re.match(r"(\d+)\.(\d+)", platform.release())
    release = tuple(int(number) for number in numbers.groups()) if numbers else (0, 0)
    if prlimit is None:
        return ("/usr/bin/env", "--")
    if held or release < _PROCESS_LIMIT_PER_NAMESPACE:
        return (prlimit, "--core=0", "--")
    return (prlimit, f"--nproc={processes}", "--")

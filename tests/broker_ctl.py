"""`rabbitmqctl` for the broker that tests share: one call at a time, whoever runs tests on this machine.

RabbitMQ 3.10 works off definitions and new vhosts in a pool of as many workers as it has cores. Two that
came at once on two cores have waited for each other for ever, and everybody after them.
"""

import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

LOCK = Path(tempfile.gettempdir()) / "gatefleet-tests-rabbitmqctl.lock"
WITHIN_S = 60.0

Said = subprocess.CompletedProcess[str]
Ctl = Callable[..., Said]
"""Called with its arguments and, as `given`, what is in the file that is its last one. FileNotFoundError
where it is not installed, TimeoutExpired when it hung."""
FROM_A_FILE = (
    'given=$(mktemp) && cat >"$given" && chmod 644 "$given" || exit; '
    '"$@" "$given"; said=$?; rm -f "$given"; exit $said'
)
"""For the shell. RabbitMQ 4's program reads no definitions from its standard input, and 3's no `-`."""


def called(
    command: Sequence[str], *arguments: str, given: str = "", inside: Sequence[str] = (),
    env: Mapping[str, str] | None = None, cwd: Path | None = None,
) -> Said:  # fmt: skip
    """A program's answer, as a `Ctl` has it; `inside`: how anything is called where it is."""
    whole = [*command, *arguments]
    if given:
        whole = ["sh", "-c", FROM_A_FILE, "sh", *whole]
    return subprocess.run(
        [*inside, *whole], capture_output=True, text=True, timeout=WITHIN_S, check=False,
        input=given, env=env, cwd=cwd,
    )  # fmt: skip


def of_this_machine(*arguments: str, given: str = "") -> Said:
    """The wrapper that becomes the broker's user, with its cookie."""
    program = shutil.which("rabbitmqctl") or "/usr/sbin/rabbitmqctl"
    with _alone():
        return called([program, "-q"], *arguments, given=given)


_in_use: list[Ctl] = [of_this_machine]


def use(ctl: Ctl) -> None:
    """From now on this process's tests are on the broker of this one."""
    _in_use[0] = ctl


def call(*arguments: str, given: str = "") -> Said:
    """To the broker that this process's tests are on."""
    return _in_use[0](*arguments, given=given)


@contextmanager
def _alone() -> Iterator[None]:
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""One process a state folder: a lock that the operating system takes back, however a process ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from shared.errors import BadInput

LOCK = "lock"
TAKEN = "{state}: in use by {holder}; stop that one first ({stop}), or name another folder"
UNKNOWN_HOLDER = "another gatefleet"
HOLDER = "gatefleet {what}, process {pid}"
KILL, CTRL_C = "kill {pid}", "Ctrl-C where it runs"
CANNOT_MAKE = "{state}: cannot be used as the state folder ({why}); mend that, or name another one"

ALL_TAKEN = "{state}: {most} instances run here already; name another folder"
MOST = 64

_TRIES = 1000
"""Somebody who only looks whether it is held holds it shared for a few microseconds."""


class Taken(BadInput):
    """Another process holds it."""


@contextmanager
def hold(state: Path, what: str, *, lock: str = LOCK) -> Iterator[None]:
    """Hold a state folder, made if it is missing, while this is entered.

    `what`: the command, for whoever finds it taken. `lock`: the file, where several processes share
    a folder. BadInput when another process holds it, which it names, or when it cannot be written.
    """
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(state / lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise BadInput(CANNOT_MAKE.format(state=state, why=error.strerror)) from None
    try:
        if not _taken(handle):
            raise Taken(_taken_by(state, handle))
        try:
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()} {what}\n".encode(), 0)
        except OSError as error:  # a full disk: better said now than by the first database
            raise BadInput(CANNOT_MAKE.format(state=state, why=error.strerror)) from None
        yield
    finally:
        os.close(handle)


@contextmanager
def hold_free(state: Path, what: str, *, lock: str) -> Iterator[str]:
    """Hold the first free place of a folder that several processes share, and tell its number.

    `lock`: the file of a place, `NAME.{place}.lock`. The first place left by one that ended is taken
    by the next one to start, which so finds the store of the one before.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        for place in map(str, range(1, MOST + 1)):
            try:
                stack.enter_context(hold(state, what, lock=lock.format(place=place)))
            except Taken:
                continue
            yield place
            return
        raise BadInput(ALL_TAKEN.format(state=state, most=MOST))


def is_held(state: Path) -> bool:
    """Whether a process that lives holds the folder."""
    try:
        handle = os.open(state / LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _try(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    for _ in range(_TRIES):
        if _try(handle, fcntl.LOCK_EX):
            return True
        if not _try(handle, fcntl.LOCK_SH):
            return False
        fcntl.flock(handle, fcntl.LOCK_UN)  # only lookers were there
        os.sched_yield()
    return False


def _try(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _taken_by(state: Path, handle: int) -> str:
    pid, _, what = os.pread(handle, 200, 0).decode("utf-8", "replace").strip().partition(" ")
    if not pid.isdecimal():
        return TAKEN.format(state=state, holder=UNKNOWN_HOLDER, stop=CTRL_C)
    holder = HOLDER.format(what=what, pid=pid)
    return TAKEN.format(state=state, holder=holder, stop=KILL.format(pid=pid))

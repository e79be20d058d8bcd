"""Which sandbox is used: the one asked for, or none. Never quietly a weaker one."""

from typing import Literal

from shared.clock import Clock, SystemClock
from shared.errors import BadInput, Missing
from shared.sandbox.bubblewrap import Bubblewrap
from shared.sandbox.port import Sandbox
from shared.sandbox.process import ProcessSandbox
from shared.sandbox.selftest import self_test

Wanted = Literal["auto", "bubblewrap", "process"]

UNKNOWN = "sandbox {!r}: there is no such kind; use auto, bubblewrap or process"
NOT_ALLOWED = (
    "sandbox process: it does not isolate, and is not allowed here; "
    "install bubblewrap (apt-get install bubblewrap) and ask for it"
)
NOT_WORKING = "sandbox bubblewrap: it does not work here ({})"
MEND = (
    "; install bubblewrap (apt-get install bubblewrap), "
    "or ask for --sandbox process, which does not isolate"
)


async def choose(
    wanted: Wanted,
    *,
    process_allowed: bool,
    clock: Clock | None = None,
    bubblewrap_program: str = "bwrap",
) -> Sandbox:
    """The sandbox to use, tried from inside before it is handed out.

    `auto` is bubblewrap where its self-test passes, else `process` if `process_allowed`: by design
    the caller shows `isolation`, which says what is not held. Raises Missing with the reason.
    """
    clock = clock or SystemClock()
    if wanted not in ("auto", "bubblewrap", "process"):
        raise BadInput(UNKNOWN.format(wanted))
    if wanted == "process":
        if not process_allowed:
            raise Missing(NOT_ALLOWED)
        return ProcessSandbox(clock)
    try:
        return await _bubblewrap(clock, bubblewrap_program)
    except Missing as missing:
        if wanted == "auto" and process_allowed:
            return ProcessSandbox(clock, because=str(missing))
        raise Missing(str(missing) + MEND) from missing


async def _bubblewrap(clock: Clock, program: str) -> Sandbox:
    try:
        sandbox = Bubblewrap(clock, program=program)
    except Missing as missing:
        raise Missing(NOT_WORKING.format(missing)) from missing
    failed = [finding for finding in await self_test(sandbox) if not finding.held]
    if failed:
        why = "; ".join(f"{finding.area}: {finding.detail}" for finding in failed)
        raise Missing(NOT_WORKING.format(why))
    return sandbox

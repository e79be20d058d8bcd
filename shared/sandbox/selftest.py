"""Proof from inside: whether files, network, processes and environment are really closed."""

import json
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from shared.errors import Missing
from shared.sandbox.port import Command, Finished, Sandbox
from shared.sandbox.supervise import last_line

_PROBE = Path(__file__).with_name("probe.py")
_TIMEOUT = timedelta(seconds=30)
_AREAS = ("files", "network", "processes", "environment")

HELD = "closed"
OPEN = "open: {}"
NO_START = "nothing can be run in it: {}"


@dataclass(frozen=True)
class Finding:
    """What was tried, whether the sandbox held, and the words for it."""

    area: str
    """`start`, or one of files, network, processes, environment."""
    held: bool
    detail: str


async def self_test(sandbox: Sandbox) -> list[Finding]:
    """Attack `sandbox` from inside; one finding an area, or one `start` finding if nothing ran."""
    with _bait() as (question, workspace):
        command = Command(
            argv=(sys.executable, "-I", "-S", "-c", _PROBE.read_text(), json.dumps(question)),
            workspace=workspace,
            timeout=_TIMEOUT,
        )
        try:
            finished = await sandbox.run(command)
        except Missing as missing:
            return [Finding("start", False, str(missing))]
    return _read(finished)


@contextmanager
def _bait() -> Iterator[tuple[dict[str, Any], Path]]:
    """Things of the host that must not be reachable: a readable file, a listener, ourselves."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatefleet-test-")))
        folder.chmod(0o755)
        canary = folder / "canary"
        canary.write_text(secrets.token_hex())
        canary.chmod(0o644)
        workspace = folder / "workspace"
        workspace.mkdir()
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        abstract = ""
        if sys.platform == "linux":
            abstract = f"gatefleet-{secrets.token_hex(8)}"
            unix = stack.enter_context(socket.socket(socket.AF_UNIX))
            unix.bind("\0" + abstract)
            unix.listen()
        yield (
            {
                "files": [str(canary)],
                "port": listener.getsockname()[1],
                "socket": abstract,
                "processes": [os.getpid()],
                "namespace": os.readlink("/proc/self/ns/pid") if abstract else "",
                "environment": [],
            },
            workspace,
        )


def _read(finished: Finished) -> list[Finding]:
    """The probe's answer as findings; an answer that is none is a sandbox that does not work."""
    try:
        answer: dict[str, list[str]] = json.loads(last_line(finished.output, limit=None))
        found = {area: answer[area] for area in _AREAS}
    except (ValueError, KeyError, TypeError):
        return [Finding("start", False, NO_START.format(last_line(finished.output)))]
    return [
        Finding(area, not reached, OPEN.format(", ".join(reached[:5])) if reached else HELD)
        for area, reached in found.items()
    ]

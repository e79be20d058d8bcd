"""Services in containers of the tests' own, where a container engine answers and has the image."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

RABBITMQ = ("rabbitmq:4-management", 5672)
POSTGRESQL = ("postgres:17-alpine", 5432)
PULL_S = 300.0
ANSWER_S = 60.0
LOOKS = 100


@dataclass(frozen=True)
class Container:
    """One that runs; removed by `remove`."""

    engine: str
    name: str
    port: int
    """On this machine, of the port that was asked for."""

    def command(self, *arguments: str) -> list[str]:
        """How a program in it is called."""
        return [self.engine, "exec", "--interactive", self.name, *arguments]

    def remove(self) -> None:
        """End it; it was started to be removed then."""
        called([self.engine, "kill", self.name])


def contained(image: str, port: int, **environment: str) -> Container | None:
    """A container that runs; None where there is no engine, or no image to be had."""
    engine = shutil.which("docker") or shutil.which("podman")
    if engine is None or called([engine, "version"]) is None:
        return None
    given = [f"--env={name}={value}" for name, value in environment.items()]
    ran = called(
        [engine, "run", "--detach", "--rm", f"--publish=127.0.0.1::{port}", *given, image],
        within_s=PULL_S,
    )
    if ran is None:
        return None
    name = ran.splitlines()[-1]
    mapped = called([engine, "port", name, str(port)])
    if mapped is None:
        called([engine, "kill", name])
        return None
    return Container(engine, name, int(mapped.splitlines()[0].rpartition(":")[2]))


def called(command: list[str], *, within_s: float = ANSWER_S) -> str | None:
    """What a command said; None when it failed, hung or is not there."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=within_s, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def soon(there: Callable[[], bool]) -> bool:
    """Whether it came to be. Each look takes its own time."""
    return any(there() for _ in range(LOOKS))

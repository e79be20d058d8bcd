"""The stack of compose.yaml under a name and on ports of its own, driven as a person drives it."""

import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[2]
SERVICES = (
    "rabbitmq", "local-forge", "github-ingest", "gatekeeper", "scheduler", "pm-agent", "dev-agent",
    "qa-agent", "console",
)  # fmt: skip
ON_BUS = tuple(name for name in SERVICES if name not in ("rabbitmq", "local-forge"))
AGENTS = ("pm-agent", "dev-agent", "qa-agent")

CALL_S = 120.0
UP_S = 300.0
LOOK_S = 0.3
SETTLE_S = 300.0
T = TypeVar("T")

_PLAIN = {"COMPOSE_PROGRESS": "plain", "BUILDKIT_PROGRESS": "plain", "COMPOSE_BAKE": "false"}


_REDELIVERED = "rabbitmq_global_messages_redelivered_total"
_DEAD = (
    "rabbitmqctl", "-q", "eval",
    '{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"gatefleet.dead">>)), '
    "{ok, Count, _} = rabbit_amqqueue:stat(Q), Count.",
)  # fmt: skip


class Failed(AssertionError):
    """A command that had to succeed did not."""


@dataclass
class Stack:
    """One project of compose."""

    project: str
    ports: Mapping[str, int]
    figures: list[str] = field(default_factory=list)
    """What was measured on the way."""
    always: tuple[str, ...] = ()
    """Overrides of every call."""
    variables: Mapping[str, str] = field(default_factory=dict)
    memory_mib: float = 0.0
    """Of all its containers at rest."""
    cpu_percent: float = 0.0
    """Of one core, at rest."""

    @property
    def pages(self) -> str:
        """Where a person reads."""
        return f"http://127.0.0.1:{self.ports['PAGES']}"

    @property
    def console(self) -> str:
        """Where the JSON is."""
        return f"http://127.0.0.1:{self.ports['CONSOLE']}"

    @property
    def environment(self) -> dict[str, str]:
        """Of every call of compose."""
        ports = {f"GATEFLEET_STACK_{name}_PORT": str(port) for name, port in self.ports.items()}
        ours = {name: text for name, text in os.environ.items() if "GATEFLEET" not in name}
        return {**ours, **_PLAIN, **ports, **self.variables, "COMPOSE_PROJECT_NAME": self.project}

    def compose(
        self, *arguments: str, files: Iterable[str] = (), given: str = "", within_s: float = CALL_S,
        **variables: str,
    ) -> str:  # fmt: skip
        """What `docker compose …` said on stdout. Failed with all that it said when it is not 0."""
        done = self.called(*arguments, files=files, given=given, within_s=within_s, **variables)
        if done.returncode != 0:
            raise Failed(f"docker compose {' '.join(arguments)}: {done.stderr}{done.stdout}")
        return done.stdout

    def called(
        self, *arguments: str, files: Iterable[str] = (), given: str = "", within_s: float = CALL_S,
        **variables: str,
    ) -> "subprocess.CompletedProcess[str]":  # fmt: skip
        """The same, however it ends."""
        chosen = [part for file in ("compose.yaml", *self.always, *files) for part in ("-f", file)]
        return subprocess.run(
            ["docker", "compose", *chosen, *arguments], cwd=ROOT, input=given, text=True,
            capture_output=True, timeout=within_s, env={**self.environment, **variables},
        )  # fmt: skip

    def up(self, *arguments: str, files: Iterable[str] = (), **variables: str) -> None:
        """Start it, or what differs, and return when all of it is healthy."""
        wait = ("up", "-d", "--wait", "--wait-timeout", "240")
        done = self.called(*wait, *arguments, files=files, within_s=UP_S, **variables)
        if done.returncode != 0:
            logs = self.called("logs", "--tail", "15").stdout
            raise Failed(f"up: {done.stderr}\n{logs}")

    def down(self) -> None:
        """Remove everything of it."""
        self.called("--profile", "*", "down", "-v", "-t", "2", "--remove-orphans")

    def ids(self, service: str) -> list[str]:
        """Its containers."""
        return self.compose("ps", "-aq", service).split()

    def exec(self, service: str, *arguments: str, given: str = "") -> str:
        """What a command in the service's container says."""
        return self.compose("exec", "-T", service, *arguments, given=given)

    def dead(self) -> int:
        """Dead letters, asked of the queue itself: the listing is some seconds old."""
        return int(self.exec("rabbitmq", *_DEAD))

    def redelivered(self) -> int:
        """How many messages the broker has delivered more than once since its start."""
        ask = (
            "exec 3<>/dev/tcp/127.0.0.1/15692; printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3; cat <&3"
        )
        said = self.exec("rabbitmq", "bash", "-c", ask)
        lines = [each for each in said.splitlines() if each.startswith(_REDELIVERED)]
        assert lines, said[:2000]
        return sum(int(float(line.split()[-1])) for line in lines)

    def answers(self, container: str) -> None:
        """Return when the service in it says that it is ready; a probe comes later."""
        until(lambda: _ready(container), f"{container} ready")

    def inspected(self, service: str) -> dict[str, Any]:
        """How the engine describes its first container."""
        return self.described(self.ids(service)[0])

    def described(self, container: str) -> dict[str, Any]:
        """How the engine describes it."""
        found: dict[str, Any] = json.loads(engine("inspect", container))[0]
        return found

    def crash(self, service: str) -> None:
        """Kill everything in its container, as a crash does; the restart policy brings it back.

        Not `docker kill`: what a person killed stays down.
        """
        for container in self.ids(service):
            self.crash_one(container)

    def crash_one(self, container: str) -> None:
        """The same for one container."""
        before = self.described(container)["RestartCount"]
        subprocess.run(
            ["docker", "exec", container, "bash", "-c", "kill -KILL -1"], capture_output=True,
            timeout=CALL_S, check=False,
        )  # fmt: skip
        until(
            lambda: self.described(container)["RestartCount"] > before, f"{container} started again"
        )

    def healthy(self, *services: str) -> None:
        """Return when they are."""
        for service in services or SERVICES:
            until(lambda name=service: self._is_healthy(name), f"{service} healthy")  # type: ignore[misc]

    def _is_healthy(self, service: str) -> bool:
        states = [self.described(each)["State"] for each in self.ids(service)]
        return all(state.get("Health", {}).get("Status") == "healthy" for state in states)


def _ready(container: str) -> bool:
    asked = ["docker", "exec", container, "ready", "8390", "/readyz"]
    return subprocess.run(asked, capture_output=True, timeout=CALL_S, check=False).returncode == 0


def engine(*arguments: str, within_s: float = CALL_S) -> str:
    """What `docker …` said; Failed when it is not 0."""
    done = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=within_s, check=False
    )
    if done.returncode != 0:
        raise Failed(f"docker {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def until(look: Callable[[], T | None], what: str, *, within_s: float = SETTLE_S) -> T:
    """What `look` answers as soon as it is something; Failed when nothing comes."""
    latest, quiet = time.monotonic() + within_s, threading.Event()
    while not (found := look()):
        if time.monotonic() > latest:
            raise Failed(f"never came: {what}")
        quiet.wait(LOOK_S)
    return found


def free_ports(*names: str) -> dict[str, int]:
    """Ports that nobody listens on."""
    sockets = [socket.socket() for _ in names]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return {name: s.getsockname()[1] for name, s in zip(names, sockets, strict=True)}
    finally:
        for each in sockets:
            each.close()

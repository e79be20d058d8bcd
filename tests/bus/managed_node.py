"""A RabbitMQ node of the tests' own, with its management plugin, set up from definitions.

Its name, ports, folders and cookie are its own.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services_at_hand import missing

SCRIPTS = Path("/usr/lib/rabbitmq/bin")
"""Debian's own: those in /usr/sbin become another user, with that user's cookie."""
LOOKS, LOOK_S, END_S = 600, 0.2, 30


@dataclass(frozen=True)
class ManagedNode:
    """A node that runs, with the users that its definitions have and no other."""

    port: int
    management_port: int

    def management(self, user: str, password: str) -> str:
        """Its management address for a user."""
        return f"http://{user}:{password}@127.0.0.1:{self.management_port}"

    def url(self, user: str, password: str) -> str:
        """Its default vhost for a user."""
        return f"amqp://{user}:{password}@127.0.0.1:{self.port}/"


@contextmanager
def managed_node(definitions: Path) -> Iterator[ManagedNode]:
    """A node that has loaded these definitions at its start; it is gone afterwards."""
    server = (
        str(SCRIPTS / "rabbitmq-server") if SCRIPTS.exists() else shutil.which("rabbitmq-server")
    )
    if server is None:
        missing("rabbitmq-server")
        raise AssertionError("unreachable: it was skipped or failed")
    folder = Path(tempfile.mkdtemp(prefix="gatefleet-managed-"))
    node = ManagedNode(*_write(folder, definitions))
    with (folder / "said.log").open("wb") as said:
        process = subprocess.Popen(
            [server], env=_environment(folder, node.port), cwd=folder, stdin=subprocess.DEVNULL,
            stdout=said, stderr=said, start_new_session=True,
        )  # fmt: skip
    try:
        assert _answers(node, process), (folder / "said.log").read_text(errors="replace")[-3000:]
        yield node
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(END_S)
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, definitions: Path) -> tuple[int, int]:
    """Its settings; returns the ports of AMQP and of the management."""
    port, management, distribution = _free_ports(3)
    (folder / "plugins").write_text("[rabbitmq_management].\n")
    cookie = folder / ".erlang.cookie"
    cookie.write_text(secrets.token_hex(20))
    cookie.chmod(0o400)
    (folder / "node.conf").write_text(
        f"listeners.tcp.1 = 127.0.0.1:{port}\n"
        f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management}\n"
        f"load_definitions = {definitions}\n"
        "vm_memory_high_watermark.absolute = 2GB\ndisk_free_limit.absolute = 1MB\n"
    )
    (folder / "distribution").write_text(str(distribution))
    return port, management


def _environment(folder: Path, port: int) -> dict[str, str]:
    own = {
        "HOME": str(folder),  # where the cookie is
        "RABBITMQ_NODENAME": f"gatefleet-test-{secrets.token_hex(4)}@localhost",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": (folder / "distribution").read_text(),
        "RABBITMQ_CONFIG_FILE": str(folder / "node.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "no-env.conf"),  # the machine's own is not read
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_PID_FILE": str(folder / "node.pid"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none",
    }
    kept = ("PATH", "LANG", "LC_ALL")
    return {name: os.environ[name] for name in kept if name in os.environ} | own


def _answers(node: ManagedNode, process: "subprocess.Popen[bytes]") -> bool:
    """Whether it came up: the management listens last."""
    for _ in range(LOOKS):
        try:
            with socket.create_connection(("127.0.0.1", node.port), timeout=1):
                pass
            with urllib.request.urlopen(f"http://127.0.0.1:{node.management_port}/"):
                return True
        except (OSError, urllib.error.URLError):
            try:
                process.wait(LOOK_S)
                return False
            except subprocess.TimeoutExpired:
                continue
    return False


def _free_ports(count: int) -> list[int]:
    """Free just now; all are held until all are known, so that they differ."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()

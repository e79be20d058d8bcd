"""A RabbitMQ node of the tests' own: to be stopped, killed and starved, which a shared one must not be.

Its name, ports, folders and cookie are its own; only the name server of Erlang (epmd) is the machine's.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import broker_ctl

SCRIPTS = (Path("/usr/lib/rabbitmq/bin"), Path("/usr/local/sbin"), Path("/usr/sbin"))
"""Debian's own come first: those in /usr/sbin become another user, with that user's cookie."""
HELLO = b"AMQP\x00\x00\x09\x01"
METHOD_FRAME = b"\x01"
START_S = 90.0
END_S = 30.0
ANSWER_S = 30.0
"""A busy machine is slow to answer; nobody there is known at once."""
LOOK_S = 0.05
MAY_OPEN_ALL = ("sh", "-c", 'ulimit -n "$(ulimit -Hn)"; exec "$0"')
"""As many files as anybody may here: a quorum queue takes three, and without any left it hears nobody."""


def script(name: str) -> str | None:
    """Where a program of RabbitMQ is; None where it is not installed."""
    there = [str(folder / name) for folder in SCRIPTS if (folder / name).exists()]
    return there[0] if there else shutil.which(name)


class BrokerNode:
    """One node, started and ended as often as a test wants; `remove` leaves nothing of it."""

    plugins: tuple[str, ...] = ()

    def __init__(self, settings: str = "") -> None:
        """`settings`: lines for its rabbitmq.conf. FileNotFoundError where RabbitMQ is not installed."""
        server, ctl = script("rabbitmq-server"), script("rabbitmqctl")
        if server is None or ctl is None:
            raise FileNotFoundError("rabbitmq-server")
        self._server, self._ctl = server, ctl
        self.folder = Path(tempfile.mkdtemp(prefix="gatefleet-node-"))
        self.port, distribution = free_ports(2)
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = _environment(self.folder, self.port, distribution)
        cookie = self.folder / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(20))
        cookie.chmod(0o400)
        (self.folder / "node.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\nlog.file.level = warning\n"
            # absolute, so that no test's alarm depends on how full this machine is
            f"vm_memory_high_watermark.absolute = 2GB\ndisk_free_limit.absolute = 1MB\n{settings}\n"
        )
        (self.folder / "plugins").write_text(f"[{','.join(self.plugins)}].\n")

    @property
    def url(self) -> str:
        """Its default vhost."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start it, and return when it answers as a broker."""
        with (self.folder / "started.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*MAY_OPEN_ALL, self._server], env=self._environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True, cwd=self.folder,
            )  # fmt: skip
        for _ in range(int(START_S / LOOK_S)):
            if self.is_up():
                return
            if self._ended_within(LOOK_S):
                break
        raise AssertionError(f"the node did not start: {self._said()}")

    def is_up(self) -> bool:
        """Whether it answers."""
        return answers(self.port)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Started, and gone afterwards."""
        try:
            self.start()
            yield
        finally:
            self.remove()

    def stop(self) -> None:
        """As an operator does: it says goodbye to everybody."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As the machine does when its memory is gone."""
        self._end(signal.SIGKILL)

    def write_down(self) -> None:
        """Have it write what it would by itself within seconds: which quorum queues there are.

        RabbitMQ (3.10 and 4.0) keeps that in a table that it writes late. Killed in the first seconds of
        a queue's life, it comes back with the queue and without its log, and the queue never answers.
        """
        self.ctl("eval", "[dets:sync(Table) || Table <- dets:all()].")

    def remove(self) -> None:
        """End it, and remove its folders."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ctl(self, *arguments: str) -> str:
        """`rabbitmqctl` against this node, which does what it is told."""
        done = self.call(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def call(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """The same, whatever it answers."""
        return broker_ctl.called(
            [self._ctl, "-q"], *arguments, given=given, env=self._environment, cwd=self.folder
        )

    def vhost(self) -> str:
        """The URL of a new vhost."""
        name = f"test-{secrets.token_hex(6)}"
        self.ctl("add_vhost", name)
        self.ctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
        return self.url + name

    def starve_of_memory(self) -> None:
        """Raise the memory alarm: publishers are blocked, consumers are not."""
        self.ctl("set_vm_memory_high_watermark", "absolute", "1MB")

    def feed_memory(self) -> None:
        """And let it go."""
        self.ctl("set_vm_memory_high_watermark", "absolute", "2GB")

    def starve_of_disk(self) -> None:
        """Raise the disk alarm."""
        self.ctl("set_disk_free_limit", "1000000GB")

    def feed_disk(self) -> None:
        """And let it go."""
        self.ctl("set_disk_free_limit", "1MB")

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            os.killpg(self._process.pid, how)
        if not self._ended_within(END_S):
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(END_S)
        self._process = None

    def _ended_within(self, seconds: float) -> bool:
        assert self._process is not None
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _said(self) -> str:
        return (self.folder / "started.log").read_text(errors="replace")[-2000:]


@contextmanager
def broker_node(settings: str = "") -> Iterator[BrokerNode]:
    """A node that runs, and is gone afterwards. FileNotFoundError where RabbitMQ is not installed."""
    node = BrokerNode(settings)
    with node.running():
        yield node


def _environment(folder: Path, port: int, distribution: int) -> dict[str, str]:
    own = {
        "HOME": str(folder),  # where the cookie is
        "RABBITMQ_NODENAME": f"gatefleet-test-{secrets.token_hex(4)}@localhost",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_CONFIG_FILE": str(folder / "node.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "no-env.conf"),  # the machine's own is not read
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_PID_FILE": str(folder / "node.pid"),
        # schedulers that sleep at once: it shares its cores with what is tested; not one alone, for a
        # pool of the broker has as many workers, and might wait for itself
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 4:2 +sbwt none +sbwtdcpu none +sbwtdio none",
    }
    kept = ("PATH", "LANG", "LC_ALL")
    return {name: os.environ[name] for name in kept if name in os.environ} | own


def free_ports(count: int) -> list[int]:
    """Free just now; all are held until all are known, so that they differ."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


def answers(port: int) -> bool:
    """Whether a broker says how it wants to be spoken to."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S) as line:
            line.sendall(HELLO)
            return line.recv(1) == METHOD_FRAME
    except OSError:
        return False

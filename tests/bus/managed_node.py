"""A RabbitMQ node of the tests' own, with its management plugin, set up from definitions."""

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.broker_node import BrokerNode, free_ports
from tests.services_at_hand import NO_NODE, missing

ANSWER_S = 5.0


class ManagedNode(BrokerNode):
    """A node with the users that its definitions have and no other."""

    plugins = ("rabbitmq_management",)

    def __init__(self, definitions: Path) -> None:
        """It loads them at its start. FileNotFoundError where RabbitMQ is not installed."""
        [self.management_port] = free_ports(1)
        super().__init__(
            f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {self.management_port}\n"
            f"load_definitions = {definitions}"
        )

    def management(self, user: str, password: str) -> str:
        """Its management address for a user."""
        return f"http://{user}:{password}@127.0.0.1:{self.management_port}"

    def url_of(self, user: str, password: str) -> str:
        """Its default vhost for a user."""
        return f"amqp://{user}:{password}@127.0.0.1:{self.port}/"

    def is_up(self) -> bool:
        """Whether both of its addresses answer."""
        return super().is_up() and self._is_managed()

    def _is_managed(self) -> bool:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.management_port}/", timeout=ANSWER_S
            ):
                return True
        except OSError:
            return False


@contextmanager
def managed_node(definitions: Path) -> Iterator[ManagedNode]:
    """A node that has loaded these definitions at its start; it is gone afterwards."""
    try:
        node = ManagedNode(definitions)
    except FileNotFoundError:
        missing(NO_NODE)
        raise
    with node.running():
        yield node

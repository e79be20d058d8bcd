"""Opens a reader or a writer of one repository: client, guard and connections put together."""

import httpx

from shared.clock import Clock
from shared.forge.facts import ForgeAddress
from shared.forge.github.check_writes import CheckWrites
from shared.forge.github.checks import CheckReads
from shared.forge.github.client import Client, Token
from shared.forge.github.deliveries import DeliveryReads
from shared.forge.github.edits import EditReads
from shared.forge.github.issue_writes import IssueWrites
from shared.forge.github.issues import IssueReads
from shared.forge.github.protection import ProtectionReads
from shared.forge.github.pull_writes import PullRequestWrites
from shared.forge.github.pulls import PullRequestReads
from shared.forge.github.timeline import TimelineReads
from shared.forge.guard import Guard
from shared.forge.operations import Operation, reader_operations, writer_operations


class GitHubReader(
    IssueReads,
    TimelineReads,
    EditReads,
    PullRequestReads,
    CheckReads,
    DeliveryReads,
    ProtectionReads,
):
    """`shared.forge.port.Reader` over GitHub's REST API."""


class GitHubWriter(IssueWrites, PullRequestWrites, CheckWrites, GitHubReader):
    """`shared.forge.port.Writer` over GitHub's REST API."""


def open_reader(
    address: ForgeAddress,
    *,
    token: Token,
    clock: Clock,
    transport: httpx.AsyncBaseTransport | None = None,
) -> GitHubReader:
    """A reader of one repository. `token` is asked before each request and kept nowhere.

    `transport` replaces the network (an ASGI app in tests, a forge in the same process). Close it
    with `await reader.close()`.
    """
    operations = reader_operations(address)
    return GitHubReader(_client(address, operations, token=token, clock=clock, inner=transport))


def open_writer(
    address: ForgeAddress,
    *,
    token: Token,
    clock: Clock,
    transport: httpx.AsyncBaseTransport | None = None,
) -> GitHubWriter:
    """A writer of one repository: a reader with the few effects of `shared.forge.port.Writer`."""
    operations = writer_operations(address)
    return GitHubWriter(_client(address, operations, token=token, clock=clock, inner=transport))


def _client(
    address: ForgeAddress,
    operations: tuple[Operation, ...],
    *,
    token: Token,
    clock: Clock,
    inner: httpx.AsyncBaseTransport | None,
) -> Client:
    inner = inner or httpx.AsyncHTTPTransport(proxy=address.proxy, trust_env=False)
    guard = Guard(inner, address=address, operations=operations)
    return Client(address, guard, token=token, clock=clock)

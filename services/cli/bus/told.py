"""What `gatefleet topology` paints."""

import json
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from services.cli.page import Page
from shared.bus.topology import Topology, described
from shared.bus.topology_rows import (
    EXCHANGE_HEADS,
    HEARD_HEADS,
    RIGHT_HEADS,
    SHARED_HEADS,
    USER_HEADS,
    Row,
    about_queues,
    exchange_rows,
    heard_rows,
    right_rows,
    shared_rows,
    user_rows,
)

EXCHANGES, SHARED, HEARD = "Exchanges", "Queues that all share", "Who hears what"
USERS, RIGHTS = "Users: what each may say and hear", "Users: names that each may use"
PATTERNS = "The patterns of topics: gatefleet topology --json"


def show(of: Topology, *, as_json: bool) -> None:
    """Print it for people, or for programs."""
    page = Page()
    if as_json:
        page.write(json.dumps(described(of), indent=2))
    else:
        paint(page, of)
    page.show()


def paint(page: Page, of: Topology) -> None:
    """All of it, from the exchanges to who may use them."""
    _section(page, EXCHANGES, EXCHANGE_HEADS, exchange_rows(of))
    _section(page, SHARED, SHARED_HEADS, shared_rows(of))
    _section(page, HEARD, HEARD_HEADS, heard_rows(of))
    page.add("", about_queues())
    _section(page, USERS, USER_HEADS, user_rows(of))
    _section(page, RIGHTS, RIGHT_HEADS, right_rows(of))
    page.line(PATTERNS, style="dim")


def _section(page: Page, title: str, heads: Sequence[str], rows: Sequence[Row]) -> None:
    table = Table(box=None, padding=(0, 1), pad_edge=True, header_style="dim")
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    page.add("", Text(title, style="bold"), table)

"""What `gatefleet topology` paints."""

import json

from rich.table import Table
from rich.text import Text

from services.cli.page import Page
from shared.bus.topology import Topology, described
from shared.bus.topology_rows import Table as Told
from shared.bus.topology_rows import about_queues, tables

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
    told = tables(of)
    _section(page, EXCHANGES, told.exchanges)
    _section(page, SHARED, told.shared)
    _section(page, HEARD, told.heard)
    page.add("", about_queues())
    _section(page, USERS, told.users)
    _section(page, RIGHTS, told.rights)
    page.line(PATTERNS, style="dim")


def _section(page: Page, title: str, told: Told) -> None:
    table = Table(box=None, padding=(0, 1), pad_edge=True, header_style="dim")
    for head in told.heads:
        table.add_column(head, overflow="fold")
    for row in told.rows:
        table.add_row(*(Text(cell) for cell in row))
    page.add("", Text(title, style="bold"), table)

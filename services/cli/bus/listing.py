"""`gatefleet bus user list`."""

import json

from rich.table import Table
from rich.text import Text

from services.cli.bus.management import Here, Right
from services.cli.page import Page, plain
from shared.bus import amqp_names as names
from shared.bus.authority import SAYS
from shared.bus.users import OF_CUSTOM_EVENTS, RESERVED

HEADS = ("user", "who", "may say", "may hear", "tags")
FIELDS = ("name", "who", "says", "hears", "tags")
SERVICE, OF_THE_FLEET, ADDED, OTHER = "service", "of the fleet", "added", "somebody else's"
UNLIMITED = "everything: it has no topic permission"
NOBODY = "{vhost}: nobody may use this vhost"

Row = tuple[str, str, str, str, str]


def list_all(here: Here, *, as_json: bool) -> None:
    """Everybody who may use the vhost."""
    tags = {each.name: each.tags for each in here.client.users()}
    said = {
        each.user: each for each in here.client.topic_permissions()
        if each.exchange == names.EXCHANGE
    }  # fmt: skip
    rows = [
        (user, _who(user, tags.get(user, ())), *_may(said.get(user)), ", ".join(tags.get(user, ())))
        for user in sorted({each.user for each in here.client.permissions()})
    ]
    page = Page()
    if as_json:
        found = [dict(zip(FIELDS, row, strict=True)) for row in rows]
        page.write(json.dumps({"vhost": here.address.vhost, "users": found}, indent=2))
    elif rows:
        page.add(_table(rows))
    else:
        page.line(NOBODY.format(vhost=here.address.vhost))
    page.show()


def _table(rows: list[Row]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    for head in HEADS:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    return table


def _who(user: str, tags: tuple[str, ...]) -> str:
    if user in SAYS:
        return SERVICE
    if user in RESERVED:
        return OF_THE_FLEET
    return ADDED if OF_CUSTOM_EVENTS in tags else OTHER


def _may(right: Right | None) -> tuple[str, str]:
    return (right.write, right.read) if right is not None else (UNLIMITED, UNLIMITED)

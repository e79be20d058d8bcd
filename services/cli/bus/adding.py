"""`gatefleet bus user add` and `remove`."""

import json

from services.cli.bus.management import Here
from services.cli.bus.passwords import fresh
from services.cli.page import Page
from shared.bus.authority import SAYS
from shared.bus.users import OF_CUSTOM_EVENTS, RESERVED, added_user
from shared.errors import Refused

THERE = (
    "{name}: the broker has a user of that name; `gatefleet bus user remove {name}` first, or choose "
    "another name"
)
NOT_THERE = "{name}: the broker has no such user; `gatefleet bus user list` lists them"
NOT_OURS = (
    "{name}: not made by `gatefleet bus user add`, so it is not removed by this; use rabbitmqctl"
)
FLEETS = "{name}: a user of the fleet itself, which needs it; it is not removed by this"
MADE = "{name} may say {says} and what is below{hears}. Its URL, which is shown this once:"
AND_HEARS = ", and hears {hears} in queues of its own"
REMOVED = "{name}: removed, and its connections closed"
LEFT = "its queues are there still, and fill: {queues}"
DELETE = "→ rabbitmqctl delete_queue {queue} -p {vhost}"


def add_user(here: Here, name: str, says: list[str], hears: list[str], *, as_json: bool) -> None:
    """Make it, and print its URL. BadInput for what cannot be, Refused when it is there."""
    user = added_user(name, says, hears)
    if here.client.user(name) is not None:
        raise Refused(THERE.format(name=name))
    password = fresh()
    here.client.make(user, password)
    url = here.address.url(name, password)
    page = Page()
    if as_json:
        page.write(json.dumps({"name": name, "says": says, "hears": hears, "url": url}, indent=2))
    else:
        more = AND_HEARS.format(hears=", ".join(hears)) if hears else ""
        page.line(MADE.format(name=name, says=", ".join(says), hears=more))
        page.write(url)
    page.show()


def remove_user(here: Here, name: str, *, as_json: bool) -> None:
    """Remove one that was made by `add_user`. Refused for every other."""
    if name in SAYS or name in RESERVED:
        raise Refused(FLEETS.format(name=name))
    known = here.client.user(name)
    if known is None:
        raise Refused(NOT_THERE.format(name=name))
    if OF_CUSTOM_EVENTS not in known.tags:
        raise Refused(NOT_OURS.format(name=name))
    here.client.remove(name)
    left = here.client.queues(f"{name}.")
    page = Page()
    if as_json:
        page.write(json.dumps({"removed": name, "queues_left": left}))
    else:
        page.line(REMOVED.format(name=name))
        if left:
            page.line(LEFT.format(queues=", ".join(left)))
        for queue in left:
            page.line(DELETE.format(queue=queue, vhost=here.address.vhost))
    page.show()

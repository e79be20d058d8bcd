"""`gatefleet topology`."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import AsJson
from shared.errors import BadInput

DEFINITIONS_HELP = "Write a RabbitMQ definitions file instead; - is stdout."
PASSWORDS_HELP = (
    "Folder with a password file for each user; FILE with the suffix .passwords by default."
)
VHOST_HELP = "The vhost that the definitions are for; / by default."
ADMIN_HELP = "With a user admin, tagged administrator."
ONLY_WITH = "{option} says something of --definitions FILE; name the file, too"


def topology(
    definitions: Annotated[
        str | None, typer.Option("--definitions", metavar="FILE|-", help=DEFINITIONS_HELP)
    ] = None,
    passwords: Annotated[
        Path | None, typer.Option("--passwords", metavar="DIR", help=PASSWORDS_HELP)
    ] = None,
    vhost: Annotated[str | None, typer.Option("--vhost", help=VHOST_HELP)] = None,
    admin: Annotated[bool, typer.Option("--admin", help=ADMIN_HELP)] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is declared on RabbitMQ: who hears what, arguments, users and what each may do.

    With --definitions it writes a file that a broker loads: all of that, and a user for each service
    with a password of its own. The same passwords make the same file. Passwords are never printed.

    Example: gatefleet topology --definitions rabbitmq.json
    """
    from services.cli.bus.defining import Wanted, define
    from services.cli.bus.told import show
    from services.docs.parties import built
    from shared.bus.topology import member_of
    from shared.bus.topology import topology as topology_of

    of = topology_of(map(member_of, built()))
    if definitions is not None:
        define(of, Wanted(definitions, passwords, vhost or "/", admin), as_json=as_json)
        return
    given = {"--passwords": passwords, "--vhost": vhost, "--admin": admin}
    for option in (each for each, value in given.items() if value):
        raise BadInput(ONLY_WITH.format(option=option))
    show(of, as_json=as_json)

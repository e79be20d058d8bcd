"""`gatefleet bus user add|list|remove`."""

from typing import Annotated

import typer

from services.cli.options import AsJson

ABOUT = "Who may use the broker."
USER_ABOUT = "Users that say custom events."
NAME_HELP = "Lower-case letters, digits and dashes."
SAYS_HELP = "A topic that it may say, with all that is below; as often as needed."
HEARS_HELP = "A topic that it hears in a queue of its own, NAME.TOPIC; as often as needed."
BUS_HELP = "The broker, amqp://HOST:PORT/VHOST; without it, what GATEFLEET_BUS says."
VHOST_HELP = "The vhost; by default that of the broker's address."

Name = Annotated[str, typer.Argument(metavar="NAME", help=NAME_HELP, show_default=False)]
Bus = Annotated[str | None, typer.Option("--bus", help=BUS_HELP, show_default=False)]
Vhost = Annotated[str | None, typer.Option("--vhost", help=VHOST_HELP, show_default=False)]

bus = typer.Typer(name="bus", help=ABOUT)
user = typer.Typer(name="user", help=USER_ABOUT)
bus.add_typer(user)


@user.command("add")
def add(
    name: Name,
    says: Annotated[list[str], typer.Option("--says", metavar="custom.NAME", help=SAYS_HELP)],
    hears: Annotated[
        list[str] | None, typer.Option("--hears", metavar="TOPIC", help=HEARS_HELP)
    ] = None,
    bus: Bus = None,
    vhost: Vhost = None,
    as_json: AsJson = False,
) -> None:
    """Make one more user of the broker, and print its URL with its password: once, and nowhere else.

    It says the topics of --says and what is below them, hears what came of its events and the topics of
    --hears, and nothing else. A draft is heard by the gatekeeper alone, so --hears refuses those.
    GATEFLEET_BUS_MANAGEMENT_URL is the broker's management address with an administrator in it.

    Example: gatefleet bus user add sentry --says custom.sentry
    """
    from services.cli.bus.adding import add_user
    from services.cli.bus.management import at_management

    with at_management(bus=bus, vhost=vhost) as here:
        add_user(here, name, says, hears or [], as_json=as_json)


@user.command("list")
def list_users(bus: Bus = None, vhost: Vhost = None, as_json: AsJson = False) -> None:
    """List the users of the broker's vhost and what each may say and hear.

    Example: gatefleet bus user list
    """
    from services.cli.bus.listing import list_all
    from services.cli.bus.management import at_management

    with at_management(bus=bus, vhost=vhost) as here:
        list_all(here, as_json=as_json)


@user.command("remove")
def remove(name: Name, bus: Bus = None, vhost: Vhost = None, as_json: AsJson = False) -> None:
    """Take away a user that `gatefleet bus user add` made. The broker closes its connections.

    Example: gatefleet bus user remove sentry
    """
    from services.cli.bus.adding import remove_user
    from services.cli.bus.management import at_management

    with at_management(bus=bus, vhost=vhost) as here:
        remove_user(here, name, as_json=as_json)

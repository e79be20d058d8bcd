"""The broker's users and queues as a file that it loads when it starts."""

import json
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from services.docs.parties import built
from services.stack.settings import Settings
from services.stack.vault import PASSWORDS, Vault
from shared.bus.definitions import definitions
from shared.bus.topology import member_of, topology
from shared.bus.users import admin_user

FILE = "definitions.json"


def vhost(settings: Settings) -> str:
    """The one that the broker's address names."""
    return unquote(urlsplit(settings.broker).path.removeprefix("/")) or "/"


def broker_definitions(vault: Vault, settings: Settings) -> str:
    """Everything that is declared, and a user for each service with the hash of its password."""
    of = topology(map(member_of, built()))
    users = (*of.users, admin_user())
    passwords = {user.name: vault.own(f"{PASSWORDS}/{user.name}") for user in users}
    whole = replace(of, users=users)
    return json.dumps(definitions(whole, passwords, vhost=vhost(settings)), indent=1)

"""PostgreSQL's users and databases: one of each for every service that keeps a store alone."""

from collections.abc import Mapping

from services.stack.vault import Vault

STORES = ("github-ingest", "gatekeeper", "scheduler", "console")
HOST = "postgres:5432"
FOLDER = "databases"
ADMIN = "postgres"

_USER = """\
create role {name} login password '{password}';
create database {name} owner {name};
revoke connect on database {name} from public;"""


def addresses(vault: Vault) -> Mapping[str, str]:
    """Each service's database, with its user's name and password in it."""
    return {
        service: f"postgresql://{_name(service)}:{_password(vault, service)}@{HOST}/{_name(service)}"
        for service in STORES
    }


def superuser(vault: Vault) -> str:
    """The password of the database's own administrator; no service has it."""
    return _password(vault, ADMIN)


def users_sql(vault: Vault) -> str:
    """What a new database is told once. Passwords are hexadecimal: nothing in them ends a string."""
    return "\n".join(
        _USER.format(name=_name(service), password=_password(vault, service)) for service in STORES
    )


def _password(vault: Vault, name: str) -> str:
    return vault.own(f"{FOLDER}/{name}")


def _name(service: str) -> str:
    return service.replace("-", "_")

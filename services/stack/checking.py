"""Looks at every variable of every service before anything starts: one line for each that is wrong."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, SecretStr
from pydantic_settings import BaseSettings

from services.docs.settings_page import Variables, everything
from services.local_forge.settings import LocalForgeSettings
from services.local_forge.settings import load as load_forge
from shared.errors import BadInput
from shared.runtime.settings import FOR_ALL, SHARED, read_settings

IN_VOLUMES = "/run/gatefleet/"
"""Where services find what set-up deals out; it is not there while set-up runs."""
FILE = "_FILE"
STAND_IN = "0" * 64
NOT_IN_THE_STACK = frozenset({"fleet", "demo"})
NO_SUCH = "{name}: no service has such a variable; .env.example lists all that there are"
NOT_HERE = (
    "{name}: a secret, and .env reaches every container; take it out, and put it in with "
    "`docker compose run --rm --no-deps -T setup put SERVICE NAME < FILE`"
)
ANOTHERS = "{name}: of `gatefleet up`, which is not the stack; take it out"


def check(environment: Mapping[str, str]) -> None:
    """BadInput with everything that is wrong, all at once."""
    found = dict.fromkeys(_problems(environment))
    if found:
        raise BadInput("\n".join(found))


def _problems(environment: Mapping[str, str]) -> Iterator[str]:
    given = {name: value for name, value in environment.items() if name.startswith(FOR_ALL)}
    services = everything()
    for name in sorted(given):
        yield from _out_of_place(name, services)
    fields = {f"{of.prefix}{field.upper()}" for of in services for field in of.kind.model_fields}
    readable = dict(_as_read(name, value, fields) for name, value in given.items())
    for of in services:
        if of.service in NOT_IN_THE_STACK:
            continue
        try:
            _read(of.kind, readable)
        except BadInput as error:
            yield from str(error).splitlines()


def _read(kind: type[BaseModel], environment: Mapping[str, str]) -> None:
    if kind is LocalForgeSettings:
        load_forge(environment)
    elif issubclass(kind, BaseSettings):
        read_settings(kind, environment)


def _as_read(name: str, value: str, fields: set[str]) -> tuple[str, str]:
    """A variable as its service will read it; a file that set-up is about to make counts as read."""
    if name.endswith(FILE) and name not in fields and value.startswith(IN_VOLUMES):
        return name.removesuffix(FILE), STAND_IN
    return name, value


def _out_of_place(name: str, services: list[Variables]) -> Iterator[str]:
    plain = name.removesuffix(FILE)
    shared = {f"{FOR_ALL}{each.upper()}" for each in SHARED}
    if name == f"{FOR_ALL}BUS":
        yield NOT_HERE.format(name=name)
    if plain in shared:
        return
    owner = next((of for of in services if name.startswith(of.prefix)), None)
    if owner is None:
        yield NO_SUCH.format(name=name)
    elif owner.service in NOT_IN_THE_STACK:
        yield ANOTHERS.format(name=name)
    elif name == plain and _is_secret(owner, name):
        yield NOT_HERE.format(name=name)


def _is_secret(owner: Variables, name: str) -> bool:
    field = owner.kind.model_fields.get(name.removeprefix(owner.prefix).lower())
    if field is None:
        return False
    return SecretStr in getattr(field.annotation, "__args__", ()) or name.endswith("_BUS")

"""Which service gets which secret, under which name. Nobody gets what it does not use."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.stack.settings import EMBEDDED, Settings
from services.stack.vault import PASSWORDS, Vault
from shared.errors import BadInput

ON_BUS = (
    "github-ingest", "gatekeeper", "scheduler", "pm-agent", "dev-agent", "qa-agent", "console",
)  # fmt: skip
PEOPLES = ("custom", "operator")
"""Broker users of people's tools: `gatefleet publish`, `gatefleet tail` and `gatefleet dead`."""
ADMIN = "admin"
READERS = ("github-ingest", "pm-agent", "dev-agent", "qa-agent")

PERSON, FLEET, READER, WEBHOOK, BEFORE, CONSOLE = (
    "person", "fleet", "reader", "webhook", "webhook-before", "console",
)  # fmt: skip
MUST_BE_PUT_IN = (
    "{service}: {forge} needs a token of its own for it; put it in with "
    "`docker compose run --rm --no-deps -T setup put {service} token < FILE`"
)


@dataclass(frozen=True)
class Dealt:
    """A secret that can be renewed: what is to be run afterwards, so that everybody has the new one."""

    restart: tuple[str, ...]
    broker: bool = False


RENEWED: Mapping[str, Dealt] = {
    **{name: Dealt((name,), broker=True) for name in ON_BUS},
    **{name: Dealt((), broker=True) for name in (*PEOPLES, ADMIN)},
    PERSON: Dealt(("local-forge",)),
    FLEET: Dealt(("local-forge", "gatekeeper")),
    READER: Dealt(("local-forge", *READERS)),
    WEBHOOK: Dealt(("github-ingest", "local-forge")),
    "console-token": Dealt(("console",)),
}


def bus_url(settings: Settings, user: str, password: str) -> str:
    """The broker's address with a user's name and password in it."""
    parts = urlsplit(settings.broker)
    return f"{parts.scheme}://{user}:{password}@{parts.netloc}{parts.path or '/'}"


def deal(vault: Vault, settings: Settings) -> None:
    """Every service's volume, up to date. BadInput names each token that only a person can give."""
    bus = {
        name: bus_url(settings, name, vault.own(f"{PASSWORDS}/{name}"))
        for name in (*ON_BUS, *PEOPLES, ADMIN)
    }
    tokens = _tokens(vault, settings)
    for name in ON_BUS:
        vault.deal(name, {"bus": bus[name], **tokens.get(name, {})})
    webhook = vault.own(WEBHOOK)
    before = vault.given("github-ingest", BEFORE) or webhook
    vault.deal("github-ingest", {"webhook": webhook, BEFORE: before})
    console = vault.own("console-token")
    vault.deal("console", {"token": console})
    person = vault.own(PERSON)
    vault.deal("you", {
        "token": person, "console-token": console, "custom": bus["custom"],
        "operator": bus["operator"],
    })  # fmt: skip
    if settings.forge_url == EMBEDDED:
        vault.deal("local-forge", {
            "you": person, "fleet": vault.own(FLEET), "reader": vault.own(READER),
            "webhook": webhook,
        })  # fmt: skip


def _tokens(vault: Vault, settings: Settings) -> Mapping[str, Mapping[str, str]]:
    """The forge's tokens by service: those of the stack's own forge, or what people put in."""
    if settings.forge_url == EMBEDDED:
        reader = {"token": vault.own(READER)}
        return {"gatekeeper": {"token": vault.own(FLEET)}, **dict.fromkeys(READERS, reader)}
    given = {name: vault.given(name, "token") for name in ("gatekeeper", *READERS)}
    missing = [name for name, token in given.items() if not token]
    if missing:
        lines = [MUST_BE_PUT_IN.format(service=name, forge=settings.forge_url) for name in missing]
        raise BadInput("\n".join(lines))
    return {name: {"token": token} for name, token in given.items()}

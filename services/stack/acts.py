"""What set-up does: prepare, renew a secret, take one, tell a developer what to set."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

from services.stack.broker import FILE, broker_definitions
from services.stack.checking import check
from services.stack.database import addresses, superuser, users_sql
from services.stack.dealing import BEFORE, ON_BUS, READERS, RENEWED, WEBHOOK, bus_url, deal
from services.stack.settings import EMBEDDED, Settings
from services.stack.vault import PASSWORDS, Vault
from shared.errors import BadInput
from shared.runtime.settings import read_settings

READY = "settings are right, secrets are in their places"
RENEWED_NOW = "{name}: renewed; for everybody to have it, run"
TAKEN = "{service}/{name}: kept; run `docker compose up -d --force-recreate {service}`"
TO_BROKER = (
    "  docker compose exec rabbitmq rabbitmqctl import_definitions /run/gatefleet/definitions.json"
)
TO_SERVICES = "  docker compose restart {services}"
NO_SUCH_SECRET = "{name}: there is no such secret; one of {known}"  # noqa: S105 - words
NO_SUCH_SERVICE = "{name}: not a service that joins from outside; one of {known}"
OUTSIDE = "127.0.0.1"
HAND = "# as {service}, on the machine of the stack, with compose/laptop.yaml: docs/one-service.md"
EXPORT = "export {name}={value}"


def prepare(environment: Mapping[str, str]) -> Sequence[str]:
    """Everything that `up` needs. BadInput has a line for each thing that is wrong."""
    check(environment)
    settings = read_settings(Settings, environment)
    _deal(settings)
    return [READY]


def rotate(name: str, settings: Settings) -> Sequence[str]:
    """A new secret of that name, dealt out; the lines say what takes it up."""
    vault = Vault(settings.secrets)
    if name not in RENEWED:
        raise BadInput(NO_SUCH_SECRET.format(name=name, known=", ".join(RENEWED)))
    of = RENEWED[name]
    if name == WEBHOOK:  # both are accepted until the next rotation
        vault.take("github-ingest", BEFORE, vault.own(WEBHOOK))
    vault.renew(f"{PASSWORDS}/{name}" if of.broker else name)
    _deal(settings)
    lines = [RENEWED_NOW.format(name=name)]
    if of.broker:
        lines.append(TO_BROKER)
    if of.restart:
        lines.append(TO_SERVICES.format(services=" ".join(of.restart)))
    return lines


def put(service: str, name: str, text: str, settings: Settings) -> Sequence[str]:
    """Keep what a person gives for a service."""
    if service not in (*ON_BUS, "local-forge"):
        known = ", ".join((*ON_BUS, "local-forge"))
        raise BadInput(NO_SUCH_SERVICE.format(name=service, known=known))
    vault = Vault(settings.secrets)
    vault.take(service, name, text)
    vault.deal(service, {name: vault.given(service, name)})
    return [TAKEN.format(service=service, name=name)]


def join(service: str, settings: Settings) -> Sequence[str]:
    """Shell lines that let one more instance of a service run outside of the stack."""
    agents = [name for name in READERS if name.endswith("-agent")]
    if service not in agents:
        raise BadInput(NO_SUCH_SERVICE.format(name=service, known=", ".join(agents)))
    vault = Vault(settings.secrets)
    prefix = f"GATEFLEET_{service.upper().replace('-', '_')}_"
    outside = settings
    if urlsplit(settings.broker).hostname == "rabbitmq":
        parts = urlsplit(settings.broker)
        netloc = f"{OUTSIDE}:{settings.amqp_port}"
        outside = settings.model_copy(
            update={"broker": urlunsplit((parts.scheme, netloc, parts.path, "", ""))}
        )
    bus = bus_url(outside, service, vault.own(f"{PASSWORDS}/{service}"))
    own_forge = settings.forge_url == EMBEDDED
    token = vault.own("reader") if own_forge else vault.given(service, "token")
    git = f"http://{OUTSIDE}:{settings.pages_port}" if own_forge else settings.git_url
    instance = f"outside-{vault.nonce()}"  # no other may have it: queues and leases go by it
    said = {
        f"{prefix}BUS": bus,
        f"{prefix}GIT_URL": git,
        f"{prefix}TOKEN": token,
        f"{prefix}INSTANCE": instance,
    }
    return [
        HAND.format(service=service),
        *(EXPORT.format(name=name, value=value) for name, value in said.items()),
    ]


def _deal(settings: Settings) -> None:
    vault = Vault(settings.secrets)
    deal(vault, settings)
    vault.deal("rabbitmq", {FILE: broker_definitions(vault, settings)}, shared=True)
    if settings.database == "postgresql":
        for service, address in addresses(vault).items():
            vault.deal(service, {"database": address})
        told = {"password": superuser(vault), "users.sql": users_sql(vault)}
        vault.deal("postgres", told, shared=True)

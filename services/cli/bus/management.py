"""The broker's management address, asked over HTTP as an administrator.

with at_management(bus=None, vhost=None) as here:
    here.client.put_user(added_user("sentry", ["custom.sentry"]), password)
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError, field_validator

from services.cli.bus.address import BrokerAddress, variable
from shared.bus.definitions import HASHING, password_hash
from shared.bus.users import User
from shared.errors import BadInput, Refused, TryLater

MANAGEMENT = "GATEFLEET_BUS_MANAGEMENT_URL"
NOT_SET = (
    "{variable}: not set; name the broker's management address with an administrator in it, such as "
    "http://admin:PASSWORD@HOST:15672, or a file that holds it with {variable}_FILE"
)
NO_ADDRESS = "{variable}: no management address; write it as http://USER:PASSWORD@HOST:15672"
AWAY = (
    "{url}: the management address does not answer ({why}); is the plugin on (`rabbitmq-plugins enable "
    "rabbitmq_management`), and is {variable} right?"
)
NOT_LET_IN = (
    "{url}: the management address does not let {user} do that ({why}); put the name and password of a "
    "user tagged administrator into {variable}"
)
NO_VHOST = "{vhost}: the broker has no such vhost; name another with --vhost"
STRANGE = "{url}: no management address of RabbitMQ ({why}); mend {variable}"
TIMEOUT_S = 10.0


class Known(BaseModel):
    """A user that the broker has."""

    name: str
    tags: tuple[str, ...] = ()

    @field_validator("tags", mode="before")
    @classmethod
    def _as_list(cls, value: object) -> object:
        """Older brokers have them as one text with commas."""
        return [each for each in value.split(",") if each] if isinstance(value, str) else value


class Named(BaseModel):
    """Whatever has a name on the broker."""

    name: str


class Right(BaseModel):
    """What a user may do in a vhost; `exchange`: with routing keys of that exchange."""

    user: str
    exchange: str = ""
    write: str
    read: str


@dataclass(frozen=True)
class Here:
    """A broker: where it is managed, and where its clients connect."""

    client: "Management"
    address: BrokerAddress


@contextmanager
def at_management(
    *, bus: str | None, vhost: str | None, environment: Mapping[str, str] | None = None
) -> Iterator[Here]:
    """BadInput when an address is missing or is none."""
    env = os.environ if environment is None else environment
    address = BrokerAddress.of(bus, vhost, env)
    url = variable(env, MANAGEMENT)
    if not url:
        raise BadInput(NOT_SET.format(variable=MANAGEMENT))
    with Management(url, address.vhost) as client:
        yield Here(client, address)


class Management:
    """One broker's management address, for one vhost. TryLater where it does not answer, Refused where
    it does not let in or knows no such vhost."""

    def __init__(
        self, url: str, vhost: str, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        """`url` with user and password; `transport`: another way than the network."""
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL:
            parsed = httpx.URL()
        if parsed.scheme not in ("http", "https") or not parsed.host or not parsed.username:
            raise BadInput(NO_ADDRESS.format(variable=MANAGEMENT))
        self._user = parsed.username
        self._vhost = vhost
        bare = parsed.copy_with(username=None, password=None, query=None, fragment=None)
        self._url = str(bare).rstrip("/")
        self._client = httpx.Client(
            base_url=self._url, auth=(parsed.username, parsed.password), timeout=TIMEOUT_S,
            transport=transport, trust_env=False,
        )  # fmt: skip

    def __enter__(self) -> "Management":
        return self

    def __exit__(self, *_of_the_exit: object) -> None:
        self._client.close()

    def users(self) -> list[Known]:
        """All users of the broker."""
        return self._read(list[Known], self._ask("GET", "/api/users"))

    def user(self, name: str) -> Known | None:
        """One of them."""
        return next((each for each in self.users() if each.name == name), None)

    def permissions(self) -> list[Right]:
        """Who may do what with the names of the vhost."""
        return self._read(list[Right], self._ask("GET", f"/api/vhosts/{self._place}/permissions"))

    def topic_permissions(self) -> list[Right]:
        """Who may use which routing keys in the vhost."""
        answer = self._ask("GET", f"/api/vhosts/{self._place}/topic-permissions")
        return self._read(list[Right], answer)

    def queues(self, beginning: str) -> list[str]:
        """Names of the vhost's queues that begin so."""
        answer = self._ask("GET", f"/api/queues/{self._place}")
        return sorted(
            each.name for each in self._read(list[Named], answer) if each.name.startswith(beginning)
        )

    def make(self, user: User, password: str) -> None:
        """Make it whole or not at all. The broker is given the hash alone."""
        self._ask("GET", f"/api/vhosts/{self._place}")
        try:
            self._ask("PUT", f"/api/users/{user.name}", {
                "password_hash": password_hash(user.name, password), "hashing_algorithm": HASHING,
                "tags": ",".join(user.tags),
            })  # fmt: skip
            # first what limits it: a user without topic permissions may say everything
            for right in user.topics:
                self._ask("PUT", f"/api/topic-permissions/{self._place}/{user.name}", {
                    "exchange": right.exchange, "write": right.write, "read": right.read,
                })  # fmt: skip
            self._ask("PUT", f"/api/permissions/{self._place}/{user.name}", {
                "configure": user.configure, "write": user.write, "read": user.read,
            })  # fmt: skip
        except (TryLater, Refused):
            self._try_to_remove(user.name)
            raise

    def remove(self, name: str) -> None:
        """Its permissions go with it."""
        self._ask("DELETE", f"/api/users/{name}")

    @property
    def _place(self) -> str:
        return quote(self._vhost, safe="")

    def _try_to_remove(self, name: str) -> None:
        try:
            self.remove(name)
        except (TryLater, Refused):
            return  # what went wrong before is what is told

    def _ask(self, method: str, path: str, body: Mapping[str, str] | None = None) -> httpx.Response:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
            raise TryLater(AWAY.format(url=self._url, why=why, variable=MANAGEMENT)) from None
        if answer.status_code in (401, 403):
            raise Refused(NOT_LET_IN.format(
                url=self._url, user=self._user, why=_reason(answer), variable=MANAGEMENT
            ))  # fmt: skip
        if answer.status_code == 404 and path == f"/api/vhosts/{self._place}":
            raise Refused(NO_VHOST.format(vhost=self._vhost))
        if not answer.is_success:
            raise self._strange(f"{method} {path}: {answer.status_code} {_reason(answer)}")
        return answer

    def _read(self, kind: type[list[Any]], answer: httpx.Response) -> list[Any]:
        try:
            return TypeAdapter(kind).validate_json(answer.content)
        except ValidationError:
            raise self._strange("what it answers is no list of its own") from None

    def _strange(self, why: str) -> Refused:
        return Refused(STRANGE.format(url=self._url, why=why.strip(), variable=MANAGEMENT))


def _reason(answer: httpx.Response) -> str:
    """What the broker says of it, in one line."""
    try:
        said = answer.json()
    except ValueError:
        return answer.reason_phrase
    reason = said.get("reason") if isinstance(said, dict) else None
    return " ".join(str(reason or answer.reason_phrase).split())

"""One request and its answer: token, retries, spacing of writes, errors. githubkit carries it.

githubkit is used as the transport only: its retries re-send a POST, its cache never forgets, its
models reject what servers send. What is asked and how answers are read is in the other files.
"""

import asyncio
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
from githubkit import GitHub
from githubkit.auth import BaseAuthStrategy
from githubkit.exception import RequestError, RequestFailed, RequestTimeout
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.clock import Clock, Compared
from shared.errors import BadInput, GatefleetError, TryLater
from shared.forge.facts import ForgeAddress, Rate
from shared.forge.github.errors import NO_ANSWER, UNREADABLE, Unanswered, error_of
from shared.forge.guard import Guard, graphql_path

NOTHING_TO_SHOW = (
    "{subject}: no usable token for the forge (empty, or with a space or line end); set it"
)
FORGE = "the forge"
HELD = "nothing is read from the forge or written to it until they agree; no gate opens"

Token = Callable[[], str]
"""Gives the token for the next request; asked each time, so that it may change."""

_WAITS_S = (1.0, 4.0)
"""Before the second and third try of a GET."""
_TIMEOUT = httpx.Timeout(30, connect=10)
_ITEMS: TypeAdapter[list[object]] = TypeAdapter(list[object])
_VERSION = {"X-GitHub-Api-Version": "2022-11-28"}

Params = Mapping[str, str | int]
Model = TypeVar("Model", bound=BaseModel)
Json = Mapping[str, object]


@dataclass(frozen=True)
class Answer:
    """A success (2xx) or a 304: status, headers by lower-case name, bytes."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def read(self, shape: type[Model], *, subject: str) -> Model:
        """The body as one object. Raises TryLater when it is something else."""
        try:
            return shape.model_validate_json(self.content)
        except ValidationError as error:
            raise _unreadable(error, subject) from None

    def read_list(self, shape: type[Model], *, subject: str) -> list[Model]:
        """The body as a list of objects. Raises TryLater when it is something else."""
        try:
            items = _ITEMS.validate_json(self.content)
            return [shape.model_validate(item) for item in items]
        except ValidationError as error:
            raise _unreadable(error, subject) from None


def _unreadable(error: ValidationError, subject: str) -> TryLater:
    """Where the answer is not what it should be, without quoting it."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or "body"
    return TryLater(UNREADABLE.format(subject=subject, cause=f"{where}: {first['msg']}"))


class _Bearer(httpx.Auth):
    """Puts the token of this moment on the request."""

    def __init__(self, token: Token, subject: str) -> None:
        self._token = token
        self._subject = subject

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header. Raises BadInput when there is no usable token."""
        token = self._token()
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise BadInput(NOTHING_TO_SHOW.format(subject=self._subject))
        request.headers["Authorization"] = f"Bearer {token}"
        yield request


class _BearerStrategy(BaseAuthStrategy):
    def __init__(self, auth: _Bearer) -> None:
        self._auth = auth

    def get_auth_flow(self, github: object) -> httpx.Auth:
        return self._auth


class Client:
    """Asks for one repository, through a guard."""

    def __init__(self, address: ForgeAddress, guard: Guard, *, token: Token, clock: Clock) -> None:
        self.address = address
        self.root = f"/repos/{address.owner}/{address.name}"
        self.subject = f"{address.owner}/{address.name}"
        self.rate: Rate | None = None
        self.clocks = Compared(means=HELD)
        """Against the forge's, by whose times gates are judged."""
        self._guard = guard
        self._clock = clock
        self._writing = asyncio.Lock()
        self._last_write: float | None = None
        self._github = GitHub(
            _BearerStrategy(_Bearer(token, self.subject)),
            base_url=address.base_url,
            user_agent="gatefleet",
            follow_redirects=False,
            timeout=_TIMEOUT,
            trust_env=False,
            async_transport=guard,
            http_cache=False,
            auto_retry=False,
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._guard.close_for_good()

    async def get(
        self, path: str, *, subject: str, params: Params | None = None, etag: str | None = None
    ) -> Answer:
        """GET below the API's root; three tries when the forge does not answer."""
        headers = {"If-None-Match": etag} if etag else {}
        for wait in (*_WAITS_S, None):
            try:
                given = await self._once("GET", path, subject=subject, params=params, extra=headers)
                break
            except Unanswered:
                if wait is None:
                    raise
                await self._clock.sleep(wait)
        self._refuse_a_wrong_clock()
        return given

    async def send(
        self, method: str, path: str, *, subject: str, body: Json | None = None
    ) -> Answer:
        """A write, once. Raises `Unanswered` when it may or may not have happened."""
        async with self._writing:
            self._refuse_a_wrong_clock()
            await self._space_writes()
            return await self._once(method, path, subject=subject, body=body)

    async def graphql(self, body: Json, *, subject: str) -> Answer:
        """POST to the GraphQL endpoint; a read, but asked once."""
        full = httpx.URL(self.address.base_url).copy_with(
            path=graphql_path(self.address.base_url), query=None
        )
        given = await self._once("POST", str(full), subject=subject, body=body)
        self._refuse_a_wrong_clock()
        return given

    async def _space_writes(self) -> None:
        if self._last_write is not None:
            due = self._last_write + self.address.write_spacing.total_seconds()
            if (wait := due - self._clock.monotonic()) > 0:
                await self._clock.sleep(wait)
        self._last_write = self._clock.monotonic()

    async def _once(
        self,
        method: str,
        path: str,
        *,
        subject: str,
        params: Params | None = None,
        body: Json | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> Answer:
        headers = {**_VERSION, **(extra or {})}
        try:
            given = await self._github.arequest(
                method, path, params=params, json=body, headers=headers
            )
            raw = given.raw_response
        except RequestFailed as failed:
            raw = failed.response.raw_response
        except RequestTimeout:
            raise Unanswered(NO_ANSWER.format(subject=subject, cause="timeout")) from None
        except RequestError as error:
            raise _carried(error, subject) from None
        self._note_rate(raw.headers)
        self._compare(raw.headers)
        if raw.is_success or raw.status_code == 304:
            return Answer(raw.status_code, dict(raw.headers), raw.content)
        raise error_of(
            raw.status_code,
            raw.headers,
            content=raw.content,
            subject=subject,
            now=self._clock.now(),
        )

    def _compare(self, headers: httpx.Headers) -> None:
        """What a cache answered in the forge's place is as old as it is."""
        try:
            theirs = parsedate_to_datetime(headers.get("date", ""))
        except ValueError:
            return
        if theirs.tzinfo is not None and "age" not in headers:
            self.clocks.met(FORGE, (theirs - self._clock.now()).total_seconds())

    def _refuse_a_wrong_clock(self) -> None:
        """Unknown is closed: a gate that goes by time must not open by a time that nobody knows."""
        if self.clocks.trouble:
            raise TryLater(f"{self.subject}: {self.clocks.trouble}")

    def _note_rate(self, headers: httpx.Headers) -> None:
        numbers = [headers.get(f"x-ratelimit-{key}", "") for key in ("limit", "remaining", "reset")]
        if all(number.isdecimal() for number in numbers):
            limit, remaining, reset = map(int, numbers)
            self.rate = Rate(limit, remaining, datetime.fromtimestamp(reset, UTC))


def _carried(error: "RequestError[Exception]", subject: str) -> GatefleetError:
    """What githubkit wrapped: our own errors as they are, the network's as no answer."""
    cause = error.exc
    if isinstance(cause, GatefleetError):
        return cause
    if isinstance(cause, httpx.HTTPError | httpx.InvalidURL):
        return Unanswered(NO_ANSWER.format(subject=subject, cause=type(cause).__name__))
    raise cause

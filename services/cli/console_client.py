"""The console that runs, asked over HTTP as its own machine's commands ask it.

with ConsoleClient(running.console_url, token) as console:
    console.status()
    event = console.say("propose", {"focus": "error messages"})
    console.event(event)                # what came of it
"""

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

import httpx
from pydantic import JsonValue, ValidationError

from services.console.shapes import (
    Change,
    EventAnswer,
    EventTaken,
    Inbox,
    IssueAnswer,
    Log,
    Problem,
    RepositoryAnswer,
    Shape,
    Status,
)
from services.fleet.address import Running
from shared.errors import BadInput, Refused, TryLater

TIMEOUT_S = 10.0
QUIET_S = 60.0
"""The stream says that it lives more often than this."""
AWAY = "{url}: the console does not answer ({why}); `gatefleet up` starts it"
NO_TOKEN = "{path}: the console's token cannot be read ({why}); run this as who runs the fleet"  # noqa: S105
STRANGE = "{url}: the console answered what this version does not know; use the version that runs"
SAID = "{subject}: {problem}; {mend}"
_BAD, _NOT_YET = (400, 413, 422), 503

S = TypeVar("S", bound=Shape)


class ConsoleClient:
    """One console. TryLater where it does not answer, Refused where it knows nothing of what is asked."""

    def __init__(
        self, url: str, token: str, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        """`transport`: another way than the network."""
        self._url = url
        self._client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT_S,
            transport=transport, trust_env=False,
        )  # fmt: skip

    @classmethod
    def of(cls, running: Running) -> Self:
        """The console of a fleet that runs."""
        path = running.console_token_file
        try:
            token = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Refused(NO_TOKEN.format(path=path, why=error.strerror)) from None
        return cls(running.console_url, token)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._client.close()

    def status(self, *, everything: bool = False) -> Status:
        """Everything at one glance."""
        return self._get(Status, "/api/status", **({"all": "1"} if everything else {}))

    def repository(self) -> RepositoryAnswer:
        """The repository as a whole."""
        return self._get(RepositoryAnswer, "/api/repository")

    def inbox(self) -> Inbox:
        """What waits for a person, oldest first."""
        return self._get(Inbox, "/api/inbox")

    def issue(self, number: int) -> IssueAnswer:
        """One issue, by its number or that of its pull request."""
        return self._get(IssueAnswer, f"/api/issues/{number}")

    def log(self, number: int, *, after: int = 0) -> Log:
        """The story of one issue."""
        return self._get(Log, f"/api/issues/{number}/log", after=str(after))

    def say(self, name: str, data: dict[str, JsonValue], *, key: str = "") -> UUID:
        """Say a custom event; its id. The same `key` again is the same event."""
        headers = {"Idempotency-Key": key} if key else {}
        answer = self._send("POST", f"/api/events/{name}", json=data, headers=headers)
        return self._read(EventTaken, answer).event

    def event(self, event: UUID) -> EventAnswer | None:
        """What came of an event; None: the bus has not brought it back yet."""
        answer = self._send("GET", f"/api/events/{event}", allowed=(404,))
        return self._read(EventAnswer, answer) if answer.status_code == 200 else None

    def changes(self, after: int | None = None) -> Iterator[Change]:
        """What is heard from a place on (None: from now on), for as long as the console runs."""
        params = {} if after is None else {"after": str(after)}
        timeout = httpx.Timeout(TIMEOUT_S, read=QUIET_S)
        try:
            with self._client.stream(
                "GET", "/api/changes", params=params, timeout=timeout
            ) as answer:
                if answer.status_code != 200:
                    answer.read()
                    self._refuse(answer)
                for line in answer.iter_lines():
                    if line.startswith('data: {"seq'):
                        yield Change.model_validate_json(line.removeprefix("data: "))
        except httpx.HTTPError as error:
            raise TryLater(AWAY.format(url=self._url, why=_why(error))) from None

    def _get(self, shape: type[S], path: str, **params: str) -> S:
        return self._read(shape, self._send("GET", path, params=params))

    def _send(
        self, method: str, path: str, *, allowed: tuple[int, ...] = (), **given: Any
    ) -> httpx.Response:
        try:
            answer = self._client.request(method, path, **given)
        except httpx.HTTPError as error:
            raise TryLater(AWAY.format(url=self._url, why=_why(error))) from None
        if not answer.is_success and answer.status_code not in allowed:
            self._refuse(answer)
        return answer

    def _refuse(self, answer: httpx.Response) -> None:
        """Raise what the console says is wrong."""
        problem = self._read(Problem, answer)
        said = SAID.format(**problem.model_dump())
        if answer.status_code == _NOT_YET:
            raise TryLater(said)
        raise BadInput(said) if answer.status_code in _BAD else Refused(said)

    def _read(self, shape: type[S], answer: httpx.Response) -> S:
        try:
            return shape.model_validate_json(answer.content)
        except ValidationError:
            raise TryLater(STRANGE.format(url=self._url)) from None


def _why(error: httpx.HTTPError) -> str:
    return str(error) or type(error).__name__

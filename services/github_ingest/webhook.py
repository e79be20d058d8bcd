"""The webhook: checks in a fixed order, one commit, one answer. No call to the forge, no parsing before
the proof.

ASGI, because the proof is over the raw bytes. What comes in is read by `body`, proven by `signature`,
parsed by `strict_json`, understood by `shapes` and recorded by `deliveries`.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from services.github_ingest.body import Unread, read_body
from services.github_ingest.deliveries import Admission, admit
from services.github_ingest.floods import Floods
from services.github_ingest.shapes import EVENTS, PING, Misshapen, Understood, understand
from services.github_ingest.signature import claimed, is_signed
from services.github_ingest.strict_json import NotStrict, read_object
from shared.bus import Tick
from shared.clock import Clock
from shared.jobs import Said
from shared.store import Handling

log = structlog.get_logger()

PATH = "/webhook"
BODY_SECONDS = 10.0
COMMIT_SECONDS = 8.0
RETRY_AFTER_S = 30

WRONG_PATH = "there is nothing here"
WRONG_METHOD = "deliveries are sent by POST"
WRONG_LENGTH = "Content-Length is not a number"
TOO_LARGE = "the body is larger than is taken here"
TOO_SLOW = "the body did not arrive in time"
WRONG_TYPE = "set the webhook's content type to application/json"
WRONG_ENCODING = "send the body as it is, without Content-Encoding"
NOT_PROVEN = "the signature does not prove this delivery"
TOO_MANY = "too many deliveries without a proof"
WRONG_DELIVERY = "X-GitHub-Delivery must be there once, and be a UUID"
WRONG_EVENT = "X-GitHub-Event must be there once, and name an event"
NOT_JSON = "the body is not one strict JSON object: {why}"
WRONG_SHAPE = "the body does not belong to the event: {why}"
FOREIGN = "this repository or installation is not served here"
NOT_READY = "the delivery could not be recorded; send it again later"
OTHER_BODY = "this delivery was here before with another body"

_UUID = re.compile(rb"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_EVENT = re.compile(rb"[a-z_]{1,40}\Z")
_CLOSE = {"Connection": "close"}


class Commits(Protocol):
    """Runs a function in a transaction of the service's store and sends what it says."""

    def __call__(self, name: str, tick: Tick, /) -> Awaitable[None]:
        """SQLAlchemyError when the store cannot commit."""
        ...


@dataclass(frozen=True)
class Bounds:
    """What is let in. `secrets`: at most two, of at least 32 bytes each."""

    secrets: tuple[bytes, ...]
    limit_bytes: int
    installation_id: int | None = None


class Webhook:
    """The ASGI app. `counts` says how often each answer was given."""

    def __init__(
        self, bounds: Bounds, *, repository_id: Callable[[], str | None], commit: Commits,
        clock: Clock,
    ) -> None:  # fmt: skip
        """`repository_id`: the forge's own id, None until it is known."""
        self.counts: Counter[str] = Counter()
        self._bounds = bounds
        self._repository_id = repository_id
        self._commit = commit
        self._clock = clock
        self._floods = Floods(clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a connection that hung up gets none."""
        if scope["type"] != "http":
            return
        answer = await self._answer(_Request(scope), receive)
        if answer is not None:
            await answer(scope, receive, send)

    async def _answer(self, request: "_Request", receive: Receive) -> Response | None:
        refusal = self._before_the_body(request)
        if refusal is not None:
            return refusal
        body = await read_body(
            receive, limit_bytes=self._bounds.limit_bytes, seconds=BODY_SECONDS, clock=self._clock
        )
        match body:
            case Unread.GONE:
                self.counts["gone"] += 1
                return None
            case Unread.TOO_LARGE:
                return self._say(413, TOO_LARGE, close=True)
            case Unread.TOO_SLOW:
                return self._say(408, TOO_SLOW, close=True)
            case bytes():
                return await self._with_body(request, body)

    def _before_the_body(self, request: "_Request") -> Response | None:
        """Path, method, declared length, type, and the form of the signature; in this order."""
        if request.path != PATH:
            return self._say(404, WRONG_PATH, close=True)
        if request.method != "POST":
            return self._say(405, WRONG_METHOD, close=True, headers={"Allow": "POST"})
        length = request.only(b"content-length") or b"0"
        if not length.isdigit():
            return self._say(400, WRONG_LENGTH, close=True)
        if len(length) > 18 or int(length) > self._bounds.limit_bytes:
            return self._say(413, TOO_LARGE, close=True)
        kind = (request.only(b"content-type") or b"").partition(b";")[0].strip().lower()
        if kind != b"application/json":
            return self._say(415, WRONG_TYPE, close=True)
        if request.all(b"content-encoding"):
            return self._say(415, WRONG_ENCODING, close=True)
        if not self._bounds.secrets:
            return self._unavailable("no_secret")
        if claimed(request.all(b"x-hub-signature-256")) is None:
            return self._not_proven(request)
        return None

    async def _with_body(self, request: "_Request", body: bytes) -> Response:
        """Proof, headers, form, whose it is; then the commit."""
        claim = claimed(request.all(b"x-hub-signature-256"))
        if claim is None or not is_signed(body, claim, self._bounds.secrets):
            return self._not_proven(request)
        delivery, event = request.only(b"x-github-delivery"), request.only(b"x-github-event")
        if delivery is None or not _UUID.match(delivery):
            return self._say(400, WRONG_DELIVERY)
        if event is None or not _EVENT.match(event):
            return self._say(400, WRONG_EVENT)
        name, identity = event.decode(), UUID(delivery.decode())
        try:
            asked = understand(name, read_object(body))
        except NotStrict as error:
            return self._say(400, NOT_JSON.format(why=error))
        except Misshapen as error:
            log.warning("delivery_misshapen", delivery=str(identity), github_event=name,
                        why=str(error), next="answered 400, nothing recorded")  # fmt: skip
            return self._say(400, WRONG_SHAPE.format(why=error))
        if name == PING:
            return self._result(200, "pong", identity)
        refusal = self._foreign(asked, name, identity)
        if refusal is not None:
            return refusal
        if not asked.looks:
            return self._result(202, "ignored", identity)
        return await self._record(identity, name, body, asked)

    def _foreign(self, asked: Understood, event: str, delivery: UUID) -> Response | None:
        """An App that anyone can install signs perfectly valid events of other repositories."""
        ours = self._repository_id()
        if ours is None:
            return self._unavailable("repository_unknown")
        wanted = self._bounds.installation_id
        is_ours = asked.repository_id is not None and str(asked.repository_id) == ours
        if event not in EVENTS and asked.repository_id is None:
            is_ours = True  # an event that speaks of no repository, and that nobody acts on
        if is_ours and (wanted is None or asked.installation_id == wanted):
            return None
        log.warning("delivery_foreign", delivery=str(delivery), repository=asked.repository_id,
                    installation=asked.installation_id, next="answered 403")  # fmt: skip
        return self._say(403, FOREIGN)

    async def _record(self, delivery: UUID, event: str, body: bytes, asked: Understood) -> Response:
        admitted: list[Admission] = []

        def record(at: Handling) -> Said:
            admission, looks = admit(at, delivery, event=event, body=body, looks=asked.looks)
            admitted.append(admission)
            return looks

        committing = asyncio.ensure_future(_until_committed(self._commit, record))
        deadline = asyncio.ensure_future(self._clock.sleep(COMMIT_SECONDS))
        try:
            await asyncio.wait({committing, deadline}, return_when=asyncio.FIRST_COMPLETED)
            if not committing.done() or not committing.result():
                return self._unavailable("store_unavailable")
        finally:
            deadline.cancel()
            committing.cancel()
        if admitted[-1] is Admission.CONFLICT:
            log.error("delivery_conflict", delivery=str(delivery), github_event=event,
                      next="answered 409; somebody replays deliveries")  # fmt: skip
            return self._say(409, OTHER_BODY)
        return self._result(202, admitted[-1].value, delivery)

    def _not_proven(self, request: "_Request") -> Response:
        """One answer for every failed proof; what was expected is said nowhere."""
        log.warning("delivery_not_proven", source=request.source, next="answered 401 or 429")
        if self._floods.failed(request.source):
            return self._say(429, TOO_MANY, close=True, headers={"Retry-After": "60"})
        return self._say(401, NOT_PROVEN, close=True)

    def _unavailable(self, why: str) -> Response:
        log.error("webhook_unavailable", why=why, next="answered 503; the next poll heals it")
        self.counts[why] += 1
        return self._say(503, NOT_READY, headers={"Retry-After": str(RETRY_AFTER_S)})

    def _result(self, status: int, result: str, delivery: UUID) -> Response:
        self.counts[result] += 1
        return JSONResponse({"result": result, "delivery": str(delivery)}, status)

    def _say(
        self, status: int, words: str, *, close: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Response:  # fmt: skip
        self.counts[str(status)] += 1
        all_headers = {**(headers or {}), **(_CLOSE if close else {})}
        return JSONResponse({"error": words}, status, headers=all_headers)


async def _until_committed(commit: Commits, record: Tick) -> bool:
    """Twice: two instances may insert the same delivery at once, and then the second finds it."""
    for _ in range(2):
        try:
            await commit("webhook", record)
        except SQLAlchemyError as error:
            log.warning("store_unavailable", part="webhook", error=type(error).__name__)
        else:
            return True
    return False


class _Request:
    """The parts of an ASGI scope that are looked at, as the bytes that came."""

    def __init__(self, scope: Scope) -> None:
        self.path: str = scope["path"]
        self.method: str = scope["method"]
        client = scope.get("client")
        self.source: str = client[0] if client else ""
        self._headers: Sequence[tuple[bytes, bytes]] = scope["headers"]

    def all(self, name: bytes) -> list[bytes]:
        """Every value of a header."""
        return [value for key, value in self._headers if key.lower() == name]

    def only(self, name: bytes) -> bytes | None:
        """The value of a header that is there once; None when it is not, or more than once."""
        values = self.all(name)
        return values[0] if len(values) == 1 else None

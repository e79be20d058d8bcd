"""What came of something that a person did: the fleet's own line about it, from its console."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from services.console.shapes import EventAnswer, EventTaken, IssueAnswer, Log, Status
from services.console.told.line import GATEKEEPER
from services.fleet.address import Running
from shared.clock import Clock
from shared.errors import Refused

WAIT_S = 90.0
LOOK_S = 0.2
WRITING_S = 5.0
"""How long the proposals of a look that is over are waited for on the forge; some may be refused."""
NO_CONSOLE = "{url}: the fleet's console does not answer ({why}); look with `gatefleet status`"
NOT_YET = "sent; no answer within {seconds:.0f} s; `gatefleet why {number}` tells when there is one"


@dataclass(frozen=True)
class Heard:
    """The answer."""

    taken: bool
    line: str


class Ear:
    """Hears what the fleet says, through its console."""

    def __init__(self, client: httpx.AsyncClient, url: str, clock: Clock) -> None:
        self._client = client
        self._url = url
        self._clock = clock

    async def place(self) -> int:
        """Where the log ends now: what is said later is an answer."""
        found = await self._get("/api/status", missing=True)
        return Status.model_validate_json(found).seq if found else 0

    async def issue(self, number: int) -> IssueAnswer | None:
        """Where an issue stands; None for one that the fleet does not know."""
        found = await self._get(f"/api/issues/{number}", missing=True)
        return IssueAnswer.model_validate_json(found) if found else None

    async def answer(
        self, number: int, source: str, *, after: int, command: bool = True
    ) -> Heard | None:
        """The answer to what was written as `source`; None when none came in time.

        To a `command` the gatekeeper answers in words of its own; an approval is its own answer.
        """
        end = self._clock.monotonic() + WAIT_S
        while self._clock.monotonic() < end:
            found = await self._get(f"/api/issues/{number}/log?after={after}", missing=True)
            lines = Log.model_validate_json(found).lines if found else ()
            for line in lines:
                if line.source == source and (not command or line.who == GATEKEEPER):
                    who = "" if command else f"{line.who} "
                    return Heard(taken=line.tone != "bad", line=f"{who}{line.what}")
            await self._clock.sleep(LOOK_S)
        return None

    async def say(self, name: str, data: dict[str, str]) -> EventAnswer | None:
        """Say a custom event, and wait for the fleet's answer to it; None when none came in time."""
        sent = await self._ask("POST", f"/api/events/{name}", content=json.dumps(data))
        event = EventTaken.model_validate_json(sent).event
        end = self._clock.monotonic() + WAIT_S
        while self._clock.monotonic() < end:
            found = await self._get(f"/api/events/{event}", missing=True)
            answer = EventAnswer.model_validate_json(found) if found else None
            is_over = answer is not None and (
                answer.answered and (answer.run is None or not answer.run.lives)
            )
            if answer is not None and is_over:
                written = all(each.issue is not None for each in answer.proposals)
                end = min(end, self._clock.monotonic() + WRITING_S)
                if written or self._clock.monotonic() + LOOK_S >= end:
                    return answer
            await self._clock.sleep(LOOK_S)
        return None

    async def _get(self, path: str, *, missing: bool = False) -> bytes:
        return await self._ask("GET", path, missing=missing)

    async def _ask(
        self, method: str, path: str, *, content: str | None = None, missing: bool = False
    ) -> bytes:
        headers = {"Content-Type": "application/json"} if content is not None else {}
        try:
            found = await self._client.request(method, path, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise Refused(NO_CONSOLE.format(url=self._url, why=type(error).__name__)) from None
        if missing and found.status_code in (404, 503):
            return b""
        if not found.is_success:
            raise Refused(NO_CONSOLE.format(url=self._url, why=_said(found)))
        return found.content


def _said(answer: httpx.Response) -> str:
    try:
        found = answer.json()
        return f"{found['problem']}; {found['mend']}"
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"


@asynccontextmanager
async def ear(running: Running | None, clock: Clock) -> AsyncIterator[Ear | None]:
    """An ear at the fleet that runs; None where none runs or it has no console."""
    if running is None or not running.console_url:
        yield None
        return
    try:
        token = running.console_token_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        url, why = running.console_url, error.strerror or "its token cannot be read"
        raise Refused(NO_CONSOLE.format(url=url, why=why)) from None
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        base_url=running.console_url, headers=headers, timeout=10, trust_env=False
    ) as client:
        yield Ear(client, running.console_url, clock)

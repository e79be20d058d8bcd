"""Sends the webhooks that wait, one after the other, once each: like GitHub it never tries again."""

import asyncio
import hashlib
import hmac

import httpx

from services.local_forge.domain.faults import Faults
from services.local_forge.domain.webhooks import Webhooks
from services.local_forge.tables import Delivery
from shared.clock import Clock

USER_AGENT = "GitHub-Hookshot/local-forge"
_TIMEOUT_S = 10.0
_KEPT_RESPONSE_CHARS = 65_536
_UNREACHABLE, _TIMED_OUT = "failed to connect to host", "timed out"


def signature(secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256`."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


class Courier:
    """The background task that empties the queue of deliveries."""

    def __init__(
        self,
        webhooks: Webhooks,
        faults: Faults,
        *,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`transport`: how to reach the listeners; None is the network."""
        self._webhooks = webhooks
        self._faults = faults
        self._clock = clock
        self._transport = transport
        self._task: asyncio.Task[None] | None = None
        self._rested = asyncio.Event()
        self._rested.set()

    def start(self) -> None:
        """Begin to send; what an earlier process left is sent first."""
        self._webhooks.waiting.set()
        self._task = asyncio.create_task(self._run(), name="local-forge-courier")

    async def close(self) -> None:
        """Stop sending; what waits stays in the store."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def idle(self) -> bool:
        """Nothing is being sent and nothing waits."""
        return self._rested.is_set() and self._webhooks.count_waiting() == 0

    async def settled(self) -> None:
        """Return once everything queued so far was sent (only while it runs)."""
        while not self.idle():
            await asyncio.sleep(0)
            await self._rested.wait()

    async def _run(self) -> None:
        limits = httpx.Limits(max_connections=4)
        async with httpx.AsyncClient(
            transport=self._transport, timeout=_TIMEOUT_S, limits=limits, trust_env=False
        ) as client:
            while True:
                await self._webhooks.waiting.wait()
                self._webhooks.waiting.clear()
                self._rested.clear()
                while (delivery := self._webhooks.next_waiting()) is not None:
                    await self._deliver(client, delivery)
                self._rested.set()

    async def _deliver(self, client: httpx.AsyncClient, delivery: Delivery) -> None:
        fault = self._faults.take_delivery()
        if fault == "lose":
            self._webhooks.forget(delivery)
            return
        body = delivery.payload.encode()
        headers = _headers(delivery, body)
        began = self._clock.monotonic()
        answer: httpx.Response | None = None
        status, code = _UNREACHABLE, 502
        try:
            if fault != "drop":
                answer = await client.post(delivery.hook.url, content=body, headers=headers)
        except httpx.TimeoutException:
            status, code = _TIMED_OUT, 504
        except httpx.HTTPError as error:
            status = f"{_UNREACHABLE}: {type(error).__name__}"
        self._webhooks.settle(
            delivery,
            request_headers={k: v for k, v in headers.items() if "Signature" not in k},
            status=status
            if answer is None
            else ("OK" if answer.is_success else answer.reason_phrase),
            status_code=code if answer is None else answer.status_code,
            response_headers={} if answer is None else dict(answer.headers),
            response_body="" if answer is None else answer.text[:_KEPT_RESPONSE_CHARS],
            duration_s=self._clock.monotonic() - began,
        )


def _headers(delivery: Delivery, body: bytes) -> dict[str, str]:
    hook = delivery.hook
    signed = {"X-Hub-Signature-256": signature(hook.secret, body)} if hook.secret else {}
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Delivery": delivery.guid,
        "X-GitHub-Hook-ID": str(hook.id),
        "X-GitHub-Hook-Installation-Target-Type": "repository",
        "X-GitHub-Hook-Installation-Target-ID": str(hook.repository_id),
        **signed,
    }

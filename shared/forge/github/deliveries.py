"""Webhook deliveries that never arrived: found and asked for again, where that is possible."""

from datetime import datetime

from shared.errors import Refused
from shared.forge.facts import Delivery
from shared.forge.github.pages import Listing, pages
from shared.forge.github.resource import Resource
from shared.forge.github.shapes import Shape

NO_HOOK = "{subject}: no webhook is named, so deliveries cannot be read; set the id of the hook"

_OK = range(200, 300)


class _DeliveryShape(Shape):
    id: int
    guid: str
    delivered_at: datetime
    status_code: int = 0
    event: str


class DeliveryReads(Resource):
    """Deliveries."""

    async def failed_deliveries(self, since: datetime) -> tuple[Delivery, ...]:
        """Webhook deliveries after `since` of which no attempt succeeded (capability)."""
        listing = Listing(self._deliveries(), self._subject(), {})
        attempts: list[_DeliveryShape] = []
        async for answer in pages(self._client, listing):
            page = answer.read_list(_DeliveryShape, subject=self._subject())
            recent = [each for each in page if each.delivered_at > since]
            attempts += recent
            if len(recent) < len(page):
                break
        arrived = {each.guid for each in attempts if each.status_code in _OK}
        in_order = sorted(attempts, key=lambda each: each.id)
        failed = {each.guid: each for each in in_order if each.guid not in arrived}
        return tuple(
            Delivery(each.id, each.guid, each.event, each.delivered_at) for each in failed.values()
        )

    async def redeliver(self, delivery: int) -> None:
        """Ask for one more attempt of a delivery (capability)."""
        path = f"{self._deliveries()}/{int(delivery)}/attempts"
        await self._client.send("POST", path, subject=self._subject())

    def _deliveries(self) -> str:
        hook = self._client.address.hook_id
        if hook is None:
            raise Refused(NO_HOOK.format(subject=self._subject()))
        return f"{self._root}/hooks/{hook}/deliveries"

"""Webhooks that never arrived."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.errors import Refused
from tests.forge.scripted import ADDRESS, ROOT, WHEN, Reply, Scripted, reader

HOOKED = replace(ADDRESS, hook_id=1)
SINCE = datetime(2029, 12, 31, tzinfo=UTC)


def delivery(number: int, guid: str, status: int, *, at: str = WHEN) -> dict[str, object]:
    return {
        "id": number,
        "guid": guid,
        "status_code": status,
        "event": "issues",
        "delivered_at": at,
    }


async def test_a_delivery_counts_as_failed_when_no_attempt_arrived() -> None:
    old = delivery(1, "old", 500, at="2029-12-30T00:00:00Z")
    shown = [
        delivery(5, "twice", 502),
        delivery(4, "mended", 202),
        delivery(3, "mended", 500),
        delivery(2, "twice", 0),
        old,
    ]
    forge = Scripted().on("GET", "hooks/1/deliveries", Reply(shown))

    found = await reader(forge, HOOKED).failed_deliveries(SINCE)

    assert [(each.id, each.guid) for each in found] == [(5, "twice")]


async def test_one_more_attempt_is_asked_for() -> None:
    forge = Scripted().on("POST", "hooks/1/deliveries/5/attempts", Reply({}, status=202))

    await reader(forge, HOOKED).redeliver(5)

    assert forge.calls == [f"POST {ROOT}/hooks/1/deliveries/5/attempts"]


async def test_without_a_hook_neither_is_possible() -> None:
    forge = Scripted()

    with pytest.raises(Refused, match="no webhook is named"):
        await reader(forge).failed_deliveries(SINCE)
    with pytest.raises(Refused, match="no webhook is named"):
        await reader(forge).redeliver(5)

    assert forge.seen == []

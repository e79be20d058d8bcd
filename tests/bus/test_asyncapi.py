"""The AsyncAPI document: version 3, every message once said and heard, every reference kept."""

import json
import re
from typing import Any

from shared.bus.asyncapi import asyncapi
from shared.bus.party import Party
from shared.messages.gate import FleetStopped
from shared.messages.work import RunCancelled

PARTIES = (
    Party("gatekeeper", hears=frozenset(), says=frozenset({FleetStopped})),
    Party("scheduler", hears=frozenset({FleetStopped}), says=frozenset({RunCancelled})),
    Party("dev-agent", hears=frozenset({RunCancelled}), says=frozenset(),
          every_instance=frozenset({RunCancelled})),
)  # fmt: skip
TEXT = asyncapi(PARTIES, version="1.2.3")
DOCUMENT: dict[str, Any] = json.loads(TEXT)


def test_it_is_asyncapi_3_of_this_version() -> None:
    assert DOCUMENT["asyncapi"].startswith("3.")
    assert DOCUMENT["info"]["version"] == "1.2.3"


def test_there_is_a_channel_for_everything_said_and_heard() -> None:
    assert sorted(DOCUMENT["channels"]) == [
        "dev-agent.hears.work.run.cancelled.v1",
        "gatekeeper.says.gate.fleet.stopped.v1",
        "scheduler.hears.gate.fleet.stopped.v1",
        "scheduler.says.work.run.cancelled.v1",
    ]
    heard = DOCUMENT["channels"]["scheduler.hears.gate.fleet.stopped.v1"]
    assert heard["address"] == "gate.fleet.stopped.v1"
    assert heard["bindings"]["amqp"]["queue"]["name"] == "scheduler.gate.fleet.stopped.v1"
    each = DOCUMENT["channels"]["dev-agent.hears.work.run.cancelled.v1"]["bindings"]["amqp"]
    assert each["queue"]["name"] == "dev-agent.INSTANCE.work.run.cancelled.v1"
    assert {name: one["action"] for name, one in DOCUMENT["operations"].items()} == {
        "dev-agent.hears.work.run.cancelled.v1": "receive",
        "gatekeeper.says.gate.fleet.stopped.v1": "send",
        "scheduler.hears.gate.fleet.stopped.v1": "receive",
        "scheduler.says.work.run.cancelled.v1": "send",
    }


def test_a_payload_is_the_message_itself() -> None:
    schema = DOCUMENT["components"]["schemas"]["RunCancelled"]
    assert set(schema["properties"]) == set(RunCancelled.model_fields)
    assert schema["additionalProperties"] is False
    for name, message in DOCUMENT["components"]["messages"].items():
        kind = "RunCancelled" if "cancelled" in name else "FleetStopped"
        assert message["payload"] == {"$ref": f"#/components/schemas/{kind}"}


def test_every_reference_leads_somewhere() -> None:
    references = re.findall(r'"\$ref": "#/([^"]+)"', TEXT)
    assert references
    for reference in references:
        place: Any = DOCUMENT
        for part in reference.split("/"):
            place = place[part]
        assert place


def test_components_have_names_that_asyncapi_allows() -> None:
    names = [name for part in DOCUMENT["components"].values() for name in part]
    assert [name for name in names if not re.fullmatch(r"[A-Za-z0-9._-]+", name)] == []


def test_the_same_parties_give_the_same_text() -> None:
    assert asyncapi(PARTIES, version="1.2.3") == TEXT

"""The AsyncAPI document: version 3, every message once said and heard, every reference kept."""

import json
import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types

from shared.bus.asyncapi import asyncapi
from shared.bus.party import Party
from shared.messages import wire
from shared.messages.gate import FleetStopped
from shared.messages.work import RunCancelled
from tests.bus.worlds import sealed, stopped

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
        "anyone.says.custom.NAME.v1",
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
        "anyone.says.custom.NAME.v1": "send",
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
        kind = "CustomEvent" if "custom" in name else kind
        assert message["payload"] == {"$ref": f"#/components/schemas/{kind}"}


def test_every_reference_leads_somewhere() -> None:
    references = re.findall(r'"\$ref": "#/([^"]+)"', TEXT)
    assert references
    for reference in references:
        place: Any = DOCUMENT
        for part in reference.split("/"):
            place = place[part]
        assert place is not None


def test_components_have_names_that_asyncapi_allows() -> None:
    names = [name for part in DOCUMENT["components"].values() for name in part]
    assert [name for name in names if not re.fullmatch(r"[A-Za-z0-9._-]+", name)] == []


def test_the_same_parties_give_the_same_text() -> None:
    assert asyncapi(PARTIES, version="1.2.3") == TEXT


def test_a_stranger_learns_how_to_declare_a_queue_that_loses_nothing() -> None:
    heard = DOCUMENT["channels"]["scheduler.hears.gate.fleet.stopped.v1"]
    assert heard["x-queue-arguments"] == wire.queue_arguments()
    assert heard["x-exchange"] == wire.EXCHANGE
    each = DOCUMENT["channels"]["dev-agent.hears.work.run.cancelled.v1"]
    assert each["x-queue-arguments"] == wire.queue_arguments() | {"x-expires": 600_000}
    said = DOCUMENT["channels"]["gatekeeper.says.gate.fleet.stopped.v1"]["bindings"]["amqp"]
    assert (said["exchange"]["name"], said["exchange"]["type"]) == (wire.EXCHANGE, "topic")


def test_who_says_it_persistent_is_told() -> None:
    said = DOCUMENT["operations"]["gatekeeper.says.gate.fleet.stopped.v1"]["bindings"]["amqp"]
    assert (said["deliveryMode"], said["mandatory"], said["userId"]) == (2, True, "gatekeeper")
    anyone = DOCUMENT["operations"]["anyone.says.custom.NAME.v1"]["bindings"]["amqp"]
    assert "userId" not in anyone
    assert set(DOCUMENT["channels"]["anyone.says.custom.NAME.v1"]["parameters"]) == {"name"}


@pytest.mark.parametrize("cause", [None, UUID(int=7)])
def test_what_we_say_has_the_properties_that_the_document_tells(cause: UUID | None) -> None:
    envelope = replace(sealed(stopped("x")), causation=cause, beside="gate.fleet.stopped.v0")
    said: dict[str, Any] = dict(wire.properties(envelope, user="gatekeeper"))
    trait = DOCUMENT["components"]["messageTraits"]["envelope"]
    Draft202012Validator(trait["headers"]).validate(said["headers"])
    assert set(trait["headers"]["properties"]) == set(said.pop("headers"))
    assert set(trait["x-amqp-properties"]["properties"]) == set(said)
    Draft202012Validator(trait["x-amqp-properties"]).validate(
        said | {"timestamp": "as AMQP has it"}
    )
    for message in DOCUMENT["components"]["messages"].values():
        assert message["traits"] == [{"$ref": "#/components/messageTraits/envelope"}]

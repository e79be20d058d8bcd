"""The page of messages, for a conversation of two."""

import re

import pytest

from shared.bus.documents import heard_by, messages_page, said_by
from shared.bus.party import Party, party_of
from shared.bus.service import Service
from shared.messages import CATALOGUE
from shared.messages.custom import CustomEvent
from shared.messages.gate import FleetResumed, FleetStopped
from shared.messages.work import RunCancelled
from shared.store import Handling
from tests.bus.worlds import World

GATE = Party("gatekeeper", hears=frozenset({RunCancelled}), says=frozenset({FleetStopped}))
WORK = Party("scheduler", hears=frozenset((FleetStopped, CustomEvent)),
             says=frozenset({RunCancelled}))  # fmt: skip
AGENT = Party("dev-agent", hears=frozenset({RunCancelled}), says=frozenset(),
              every_instance=frozenset({RunCancelled}))  # fmt: skip
BOTH = (GATE, WORK, AGENT)
PAGE = messages_page(BOTH)


def test_who_says_and_who_hears() -> None:
    assert said_by(RunCancelled, BOTH) == "scheduler"
    assert heard_by(RunCancelled, BOTH) == "gatekeeper, dev-agent (every instance)"
    assert said_by(CustomEvent, BOTH) == "anyone"
    assert (said_by(FleetResumed, BOTH), heard_by(FleetResumed, BOTH)) == ("no service",) * 2


@pytest.mark.parametrize("topic", sorted(CATALOGUE))
def test_every_message_has_a_row_and_a_part(topic: str) -> None:
    kind = CATALOGUE[topic]
    assert f"| [`{topic}`](#{kind.__name__.lower()}) | " in PAGE
    assert f"\n## {kind.__name__}\n\n`{topic}`: Sent " in PAGE


def test_every_link_leads_to_a_heading_and_no_two_headings_are_the_same() -> None:
    headings = [line.lstrip("# ").lower() for line in PAGE.splitlines() if line.startswith("#")]
    assert len(set(headings)) == len(headings)
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= set(headings)


def test_a_field_is_described_by_type_default_and_meaning() -> None:
    assert (
        "| `holder` | text or nothing |  | Only this holder; absent: all. |" in PAGE
    )  # of RunCancelled
    assert "| `reason` | [Reason](#reason) | required |  |" in PAGE
    assert "One of `pass`, `changes`, `fail`." in PAGE


def test_a_party_is_what_its_service_was_built_of(world: World) -> None:
    def wake(message: FleetStopped, at: Handling) -> list[FleetResumed]:
        return []

    def stop(message: RunCancelled, at: Handling) -> None: ...

    def tick(at: Handling) -> list[FleetStopped]:
        return []

    service: Service = world.service("gatekeeper")
    service.hears(wake)
    service.hears(stop, every_instance=True)
    assert party_of(service, ticks=(tick,)) == Party(
        "gatekeeper",
        hears=frozenset({FleetStopped, RunCancelled}),
        says=frozenset({FleetResumed, FleetStopped}),
        every_instance=frozenset({RunCancelled}),
    )

"""What the services are built of makes one conversation: nothing is said by two, or by nobody."""

import pytest

from services.docs.parties import parties
from shared.bus.authority import WORDS
from shared.bus.documents import said_by
from shared.bus.party import Party
from shared.messages import CATALOGUE, Message, authority
from shared.messages.custom import CustomEvent
from shared.messages.draft import ChangeProposed, RunFinished, RunProgressed
from shared.messages.gate import CommandAnswered, IssuePresented
from shared.messages.work import EventAnswered, QueueChanged, RunCancelled

PARTIES = parties()
SPOKEN = [kind for kind in CATALOGUE.values() if kind is not CustomEvent]
ONLY_SHOWN = {IssuePresented, CommandAnswered, EventAnswered, QueueChanged}
"""For people: nothing in the loop waits for them."""
BY_EVERY_AGENT = {RunProgressed, RunFinished}


def by_name(name: str) -> Party:
    """One of them."""
    return next(one for one in PARTIES if one.name == name)


@pytest.mark.parametrize("kind", SPOKEN, ids=lambda kind: kind.__name__)
def test_every_message_is_said_by_somebody_with_its_word(kind: type[Message]) -> None:
    sayers = [one.name for one in PARTIES if kind in one.says]
    assert sayers
    assert all(authority(kind.topic) in WORDS[name] for name in sayers)


@pytest.mark.parametrize("kind", SPOKEN, ids=lambda kind: kind.__name__)
def test_the_loop_hears_all_that_is_not_only_shown(kind: type[Message]) -> None:
    loop = [one for one in PARTIES if one.name != "console"]
    assert any(kind in one.hears for one in loop) == (kind not in ONLY_SHOWN)


def test_the_console_hears_everything_but_the_bytes_of_a_change() -> None:
    assert set(CATALOGUE.values()) - by_name("console").hears == {ChangeProposed}


@pytest.mark.parametrize(
    "kind", [kind for kind in SPOKEN if kind not in BY_EVERY_AGENT], ids=lambda kind: kind.__name__
)
def test_a_message_has_one_that_says_it(kind: type[Message]) -> None:
    assert "," not in said_by(kind, PARTIES)


def test_every_instance_of_every_agent_hears_a_cancellation() -> None:
    assert [one.name for one in PARTIES if RunCancelled in one.every_instance] == [
        "pm-agent", "dev-agent", "qa-agent",
    ]  # fmt: skip


def test_no_agent_hears_what_was_said_to_the_gate() -> None:
    for name in ("pm-agent", "dev-agent", "qa-agent"):
        assert {authority(kind.topic) for kind in by_name(name).hears} == {"work"}


def test_the_ingest_hears_nobody() -> None:
    assert by_name("github-ingest").hears == frozenset()

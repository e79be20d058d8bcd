"""An envelope's body is the message, whatever is in it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from shared.messages import Envelope, Message, Repo, read
from shared.messages.custom import CustomEvent, topic_of
from shared.messages.draft import ChangeProposed
from shared.messages.examples import REPO, example, examples
from shared.messages.gate import FleetStopped

# A lone half of a surrogate pair is no text that JSON can carry.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def sealed(message: Message) -> Envelope:
    """The message on its way."""
    return Envelope(
        id=UUID(int=1),
        topic=topic_of(message) if isinstance(message, CustomEvent) else message.topic,
        body=message.model_dump_json().encode(),
        sender="gatekeeper",
        at=datetime(2026, 3, 2, tzinfo=UTC),
        correlation=message.correlation(),
    )


def there_and_back(message: Message) -> Message:
    """What a consumer reads."""
    envelope = sealed(message)
    return read(envelope.topic, envelope.body)


@pytest.mark.parametrize("topic", sorted(examples()))
def test_every_example_comes_back_as_it_was(topic: str) -> None:
    assert there_and_back(example(topic)) == example(topic)


@given(owner=TEXT, name=TEXT, why=TEXT)
def test_any_text_comes_back_as_it_was(owner: str, name: str, why: str) -> None:
    message = FleetStopped(repo=Repo(owner=owner, name=name, id="1"), why=why)
    assert there_and_back(message) == message


@given(data=st.dictionaries(TEXT, JSON, max_size=4))
def test_the_data_of_an_event_comes_back_as_it_was(data: dict[str, JsonValue]) -> None:
    message = CustomEvent(repo=REPO, name="sentry.alert", data=data)
    assert there_and_back(message) == message


@given(st.binary(max_size=4096))
def test_any_bytes_come_back_as_they_were(bundle: bytes) -> None:
    change = example("draft.change.proposed.v1")
    assert isinstance(change, ChangeProposed)
    message = change.model_copy(update={"bundle": bundle})
    assert there_and_back(message) == message


def test_a_body_is_not_shown_when_an_envelope_is() -> None:
    assert "kill switch" not in repr(sealed(FleetStopped(repo=REPO, why="kill switch")))

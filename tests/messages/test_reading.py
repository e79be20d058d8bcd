"""What is no message of its version is refused with a line that names each field."""

import json
from typing import Any

import pytest

from shared.errors import BadInput
from shared.messages import CATALOGUE, Message, authority, of_topic, read, said_when
from shared.messages.custom import CustomEvent, topic_of
from shared.messages.examples import REPO, example, examples

SENT = ("Sent when ", "Sent at ", "Sent once ")
WORDS = {"observed", "gate", "work", "draft", "custom"}

EVERY = pytest.mark.parametrize("topic", sorted(examples()))


def body(topic: str) -> dict[str, Any]:
    """The example of a topic as JSON."""
    made: dict[str, Any] = json.loads(example(topic).model_dump_json())
    return made


@EVERY
def test_an_unknown_field_is_refused(topic: str) -> None:
    with pytest.raises(BadInput, match=f"{topic}: .* surprise: "):
        read(topic, json.dumps(body(topic) | {"surprise": 1}).encode())


@EVERY
def test_a_missing_field_is_refused(topic: str) -> None:
    lacking = body(topic)
    del lacking["repo"]
    with pytest.raises(BadInput, match=f"{topic}: .* repo: "):
        read(topic, json.dumps(lacking).encode())


@EVERY
def test_another_version_is_refused(topic: str) -> None:
    newer = topic.removesuffix("v1") + "v2"
    assert of_topic(newer) is None
    with pytest.raises(BadInput, match=f"{newer}: nobody knows this topic"):
        read(newer, json.dumps(body(topic)).encode())


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "\xff"])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not a message of this version"):
        read("gate.fleet.stopped.v1", text.encode("latin-1"))


@pytest.mark.parametrize("message", CATALOGUE.values(), ids=lambda message: message.__name__)
def test_every_message_says_when_it_is_sent(message: type[Message]) -> None:
    assert said_when(message).startswith(SENT)
    assert said_when(message).endswith(".")


def test_no_two_messages_say_the_same_of_themselves() -> None:
    assert len({said_when(message) for message in CATALOGUE.values()}) == len(CATALOGUE)


@pytest.mark.parametrize("pattern", sorted(CATALOGUE))
def test_every_topic_is_versioned_and_begins_with_an_authority(pattern: str) -> None:
    assert authority(pattern) in WORDS
    assert pattern == "custom.#" or pattern.endswith(".v1")


@EVERY
def test_a_message_is_frozen(topic: str) -> None:
    with pytest.raises(ValueError, match="frozen"):
        example(topic).repo = REPO  # type: ignore[misc]  # what mypy says is proven


@pytest.mark.parametrize(
    ("topic", "story"),
    [
        ("observed.issue.v1", "octo/hello#7"),
        ("observed.comment.v1", "octo/hello#7"),
        ("observed.pull_request.v1", "octo/hello#8"),
        ("observed.review.v1", "octo/hello#8"),
        ("observed.check.v1", "octo/hello#8"),
        ("observed.repository.v1", "octo/hello"),
        ("gate.pull_request.evaluated.v1", "octo/hello#7"),
        ("work.implementation.requested.v1", "octo/hello#7"),
        ("gate.fleet.stopped.v1", "octo/hello"),
    ],
)
def test_a_message_names_the_story_it_belongs_to(topic: str, story: str) -> None:
    assert example(topic).correlation() == story


def test_before_there_is_a_number_the_story_is_the_run() -> None:
    request = body("work.proposals.requested.v1")
    assert example("work.proposals.requested.v1").correlation() == f"octo/hello!{request['run']}"


@pytest.mark.parametrize("name", ["Sentry", "a..b", "a.b.c.d.e", "", "1a", "a b", "ä"])
def test_an_event_with_an_odd_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="lower-case words"):
        CustomEvent(repo=REPO, name=name)


def test_an_event_is_said_on_a_topic_of_its_own() -> None:
    event = CustomEvent(repo=REPO, name="sentry.alert")
    assert topic_of(event) == "custom.sentry.alert.v1"
    assert of_topic("custom.sentry.alert.v1") is CustomEvent
    assert of_topic("custom.sentry.alert") is None

"""A line for every message there is, and nothing of a stranger's that moves a cursor."""

import json
from datetime import UTC, datetime

import pytest

from services.cli.tailing.following import FEW, patterns, prefetch
from services.cli.tailing.showing import Screen, as_json, line
from services.cli.tailing.summing import summary
from shared.bus.amqp_feed import PREFETCH, Overheard
from shared.bus.topics import matches
from shared.errors import BadInput
from shared.messages import CATALOGUE, Message
from shared.messages.custom import CustomEvent, topic_of
from shared.messages.draft import ChangeProposed
from shared.messages.examples import example, examples
from tests.cli.consoles import terminal

AT = datetime(2030, 1, 1, 12, 30, 15, tzinfo=UTC)
EVIL = "\x1b]0;mine\x07\x1b[31mred\r\n\x9b2J\u202eolleh"


def heard(message: Message, *, proven: bool = True, body: bytes | None = None) -> Overheard:
    topic = topic_of(message) if isinstance(message, CustomEvent) else message.topic
    return Overheard(
        topic=topic, id="1", sender="somebody", proven=proven, at=AT,
        correlation=message.correlation(), causation="", trace="",
        body=message.model_dump_json().encode() if body is None else body,
    )  # fmt: skip


@pytest.mark.parametrize("topic", examples())
def test_every_message_has_a_line_of_words(topic: str) -> None:
    words = summary(example(topic))
    assert len(words) > 3
    assert len(words.splitlines()) == 1


def test_a_line_tells_when_what_who_and_which_story() -> None:
    stopped = example("gate.fleet.stopped.v1")
    told = line(heard(stopped)).split()
    assert told[1:4] == ["gate.fleet.stopped.v1", "somebody", "octo/hello"]
    assert " ".join(told[4:]) == summary(stopped)
    assert line(heard(stopped, proven=False)).split()[2] == "somebody?"


def test_a_bundle_is_told_by_its_size() -> None:
    change = example(ChangeProposed.topic)
    assert isinstance(change, ChangeProposed)
    assert "bundle of 16 bytes" in summary(change)
    shown = as_json(heard(change))
    assert isinstance(shown["body"], dict)
    assert shown["body"]["bundle"] == "24 characters left out"


@pytest.mark.parametrize(
    "each",
    [
        heard(CustomEvent(repo=example("gate.fleet.stopped.v1").repo, name="x", data={"a": EVIL})),
        Overheard(EVIL, EVIL, EVIL, False, None, EVIL, EVIL, EVIL, EVIL.encode()),
        Overheard("gate.x.v1", "", "", False, None, "", "", "", b"\xff\xfe\x00"),
        Overheard("custom.x.v1", "", "", True, AT, "", "", "", b"[" * 100_000),
    ],
)
def test_no_control_character_reaches_the_terminal(each: Overheard) -> None:
    for shown in (line(each), json.dumps(as_json(each))):
        assert all(character.isprintable() for character in shown), ascii(shown)


def test_it_ends_when_there_were_enough() -> None:
    page, stream = terminal(200)
    screen = Screen(as_json=True, limit=2, page=page)
    for _ in range(3):
        screen.message(heard(example("gate.fleet.stopped.v1")))
    screen.show()
    assert screen.is_full
    rows = [json.loads(row) for row in stream.getvalue().splitlines()]
    assert [row["topic"] for row in rows] == ["gate.fleet.stopped.v1"] * 2


def test_by_default_all_is_heard_but_bundles() -> None:
    bound = patterns(None)
    unheard = {t for t in CATALOGUE if not any(matches(each, t) for each in bound)}
    assert unheard == {ChangeProposed.topic}
    assert any(matches(each, "custom.sentry.alert.v1") for each in bound)


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [(None, PREFETCH), ("gate.#", PREFETCH), ("#", FEW), ("draft.#", FEW), ("*.change.*.v1", FEW)],
)
def test_of_bundles_only_a_few_are_on_their_way(pattern: str | None, wanted: int) -> None:
    assert prefetch(patterns(pattern)) == wanted


@pytest.mark.parametrize("given", ["", ".", "a..b", "a b", "a.\n", "x" * 256, "a.\x1b[1m"])
def test_what_is_no_pattern_is_one_line(given: str) -> None:
    with pytest.raises(BadInput, match="is no pattern") as told:
        patterns(given)
    assert str(told.value).isprintable()

"""The story names only what is there: services that may say what they say, and every message."""

import re

from services.docs.parties import parties
from shared.bus.documents import said_by
from shared.messages import CATALOGUE, authority
from shared.messages.custom import CustomEvent
from shared.snapshot.commands import NotACommand, parse
from tests.architecture.sources import ROOT

STORY = (ROOT / "docs/life-of-an-issue.md").read_text(encoding="utf-8")
PARTIES = {one.name: one for one in parties()}
TOPIC = re.compile(r"`((?:observed|gate|work|draft|custom)\.[a-z_.#]+(?:v\d+)?)`")
SAYS = re.compile(
    r"\*\*([a-z-]+)\*\*\s+says\s+((?:`[a-z_.]+\.v\d+`(?:,|\s+and|\s+or)?\s*)+)", re.MULTILINE
)


def test_every_message_has_its_place_in_the_story() -> None:
    assert set(TOPIC.findall(STORY)) == set(CATALOGUE)


def test_every_service_in_the_story_may_say_what_it_says() -> None:
    told = [
        (name, topic) for name, topics in SAYS.findall(STORY) for topic in TOPIC.findall(topics)
    ]
    assert len(told) > 30
    assert [
        (name, topic) for name, topic in told if CATALOGUE[topic] not in PARTIES[name].says
    ] == []


def test_every_message_that_a_service_says_is_said_in_the_story() -> None:
    said = {topic for _, topics in SAYS.findall(STORY) for topic in TOPIC.findall(topics)}
    further = set(TOPIC.findall(STORY)) - said
    assert {authority(topic) for topic in further} <= {"observed", "custom"}
    assert said_by(CustomEvent, tuple(PARTIES.values())) == "anyone"


def test_every_bold_name_is_a_service_and_every_loop_service_acts() -> None:
    names = set(re.findall(r"\*\*([^*]+)\*\*", STORY))
    assert names == set(PARTIES) - {"console"}


def test_every_link_leads_to_a_file() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", STORY)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []


def test_the_story_is_told_in_the_order_of_the_loop() -> None:
    order = [
        "observed.repository.v1", "work.proposals.requested.v1", "draft.issue.proposed.v1",
        "gate.issue.opened.v1", "gate.issue.approved.v1", "work.implementation.requested.v1",
        "draft.change.proposed.v1", "gate.pull_request.opened.v1", "work.review.requested.v1",
        "draft.review.proposed.v1", "gate.review.posted.v1", "work.revision.requested.v1",
        "gate.pull_request.updated.v1", "gate.pull_request.evaluated.v1",
        "gate.pull_request.closed.v1",
    ]  # fmt: skip
    places = [STORY.index(f"`{topic}`") for topic in order]
    assert places == sorted(places)


def test_every_command_in_the_story_is_one() -> None:
    commands = re.findall(r"`(/[^`<]+)`", STORY)
    assert {"/approve", "/gatefleet retry"} <= set(commands)
    assert [one for one in commands if isinstance(parse(one), NotACommand)] == []

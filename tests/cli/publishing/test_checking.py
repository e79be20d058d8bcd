"""What is wrong with a message is told before it is said: one line for each field, with its mend."""

from typing import Any

import pytest

from services.cli.publishing.checking import message, topic
from shared.errors import BadInput
from shared.messages import CATALOGUE, Repo
from shared.messages.custom import CustomEvent
from shared.messages.examples import examples
from shared.policy import load

REPO = Repo(owner="octo", name="hello", id="")
TRIGGERS = load({"triggers": {"custom.sentry.alert": {"schema": {
    "properties": {"title": {"type": "string", "maxLength": 20}, "count": {"type": "integer"}},
    "required": ["title"],
}}}}).triggers  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "event"),
    [
        ("custom.sentry.alert", "custom.sentry.alert.v1", "sentry.alert"),
        ("custom.sentry.alert.v1", "custom.sentry.alert.v1", "sentry.alert"),
        ("gate.fleet.stopped", "gate.fleet.stopped.v1", None),
        ("gate.fleet.stopped.v1", "gate.fleet.stopped.v1", None),
    ],
)
def test_the_version_is_implied(given: str, name: str, event: str | None) -> None:
    assert (topic(given).name, topic(given).event) == (name, event)


@pytest.mark.parametrize(
    "given",
    ["", "custom", "custom.", "custom.#", "custom.Sentry", "custom.a b", "custom.x.v2", "gate.x",
     "gate.fleet.stoped", "gate.fleet.stopped.v2", "#", "custom.\x1b[31m"],
)  # fmt: skip
def test_what_is_no_topic_is_one_line(given: str) -> None:
    with pytest.raises(BadInput) as told:
        topic(given)
    assert len(str(told.value).splitlines()) == 1


def test_a_slip_of_the_finger_is_guessed() -> None:
    with pytest.raises(BadInput, match=r"is it gate\.fleet\.stopped\.v1\?"):
        topic("gate.fleet.stoped")


def test_every_example_of_the_catalogue_can_be_said_as_json() -> None:
    for name, made in examples().items():
        of = topic(name)
        body: dict[str, Any] = made.model_dump(mode="json")
        given = body["data"] if isinstance(made, CustomEvent) else body
        assert message(of, [], given, repo=made.repo, triggers={}) == made
    assert len(examples()) == len(CATALOGUE)


def test_fields_on_the_command_line_make_an_event() -> None:
    pairs = ["title=7", "count=7"]
    made = message(topic("custom.sentry.alert"), pairs, None, repo=REPO, triggers=TRIGGERS)
    assert made == CustomEvent(repo=REPO, name="sentry.alert", data={"title": "7", "count": 7})


def test_each_thing_that_is_not_the_registered_form_is_a_line() -> None:
    pairs = ["count=many", "more=1"]
    with pytest.raises(BadInput) as told:
        message(topic("custom.sentry.alert"), pairs, None, repo=REPO, triggers=TRIGGERS)
    mend = "; the policy's `triggers:` says which form custom.sentry.alert has"
    assert str(told.value).splitlines() == [
        f"custom.sentry.alert.title is missing{mend}",
        f"custom.sentry.alert.count is not of type integer{mend}",
        f"custom.sentry.alert.more is not a field of this event{mend}",
    ]


def test_each_field_of_the_catalogue_that_is_wrong_is_a_line() -> None:
    with pytest.raises(BadInput) as told:
        message(topic("gate.fleet.stopped"), ["wy=x"], None, repo=REPO, triggers={})
    mend = "; `gatefleet messages gate.fleet.stopped.v1` lists its fields"
    assert str(told.value).splitlines() == [
        f"gate.fleet.stopped.v1: why: Field required{mend}",
        f"gate.fleet.stopped.v1: wy: Extra inputs are not permitted{mend}",
    ]

"""The form of an event's fields."""

import pytest

from shared.errors import BadInput
from shared.policy import mismatches, parse

POLICY = """\
triggers:
  custom.sentry.alert:
    role: pm-agent
    schema:
      properties:
        title: {type: string, minLength: 1, maxLength: 5}
        level: {type: string, enum: [error, fatal]}
        count: {type: integer, minimum: 1, maximum: 9}
        share: {type: number}
        muted: {type: boolean}
        tags: {type: array, maxItems: 2, items: {type: string}}
        where: {type: object, additionalProperties: true}
      required: [title]
"""


@pytest.mark.parametrize(
    ("event", "wrong"),
    [
        ({"title": "a"}, ()),
        (
            {
                "title": "a", "level": "fatal", "count": 9, "share": 0.5, "muted": False,
                "tags": ["x"], "where": {"line": 3},
            },
            (),
        ),
        ({}, ("the event.title is missing",)),
        ([], ("the event is not of type object",)),
        ({"title": ""}, ("the event.title is shorter than 1",)),
        ({"title": "abcdef"}, ("the event.title is longer than 5",)),
        ({"title": "a", "level": "x"}, ("the event.level is not one of: error, fatal",)),
        ({"title": "a", "count": 0}, ("the event.count is less than 1",)),
        ({"title": "a", "count": 10}, ("the event.count is more than 9",)),
        ({"title": "a", "count": True}, ("the event.count is not of type integer",)),
        ({"title": "a", "count": 1.5}, ("the event.count is not of type integer",)),
        ({"title": "a", "share": "1"}, ("the event.share is not of type number",)),
        ({"title": "a", "muted": 0}, ("the event.muted is not of type boolean",)),
        ({"title": "a", "tags": ["x", 1]}, ("the event.tags[1] is not of type string",)),
        ({"title": "a", "tags": ["x"] * 3}, ("the event.tags is longer than 2",)),
        ({"title": "a", "more": 1}, ("the event.more is not a field of this event",)),
        ({"title": 3, "x": 1}, ("the event.title is not of type string",
                                "the event.x is not a field of this event")),
    ],
)  # fmt: skip
def test_an_event_has_the_form_or_is_told_what_is_wrong(event: object, wrong: tuple[str]) -> None:
    schema = parse(POLICY).triggers["custom.sentry.alert"].fields

    assert mismatches(schema, event) == wrong


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("{type: string}", "set type to object"),
        ("{required: [a]}", "requires a, which properties do not describe"),
        ("{properties: {a: {type: string, minimum: 1}}}", "minimum does not go with type string"),
        ("{properties: {a: {minLength: 1}}}", "minLength does not go with type object"),
        ("{properties: {a: {type: string, pattern: x}}}", "pattern: is not a known key"),
        ("{$ref: '#/x'}", "is not a known key"),
    ],
)
def test_a_form_outside_the_part_that_is_read_is_refused(schema: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse(f"triggers: {{custom.a: {{schema: {schema}}}}}")


@pytest.mark.parametrize(
    "name", ["custom", "custom.", "custom.A", "gate.issue.approved", "custom.a b", "custom.a-b"]
)
def test_a_trigger_listens_to_custom_events_alone(name: str) -> None:
    with pytest.raises(BadInput, match="is not the name of a custom event"):
        parse(f'triggers: {{"{name}": {{}}}}')

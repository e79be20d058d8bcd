"""Text in, policy out: the defaults, the round trip, the digest, and every error at once."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.errors import BadInput
from shared.policy import Policy, digest, dump, load, parse
from shared.policy.example import EXAMPLE
from shared.policy.names import LABEL_LIMIT
from shared.policy.reading import TEXT_LIMIT_BYTES


def complaints(text: str | bytes) -> list[str]:
    """What `parse` says of `text`, a line each; it must refuse it."""
    with pytest.raises(BadInput) as caught:
        parse(text)
    return str(caught.value).split("\n")


def read_or_complain(text: str | bytes) -> bool:
    """Whether `text` is a policy, or each line of the complaint about it names the file."""
    try:
        return isinstance(parse(text), Policy)
    except BadInput as error:
        return all(line.startswith(".gatefleet.yml: ") for line in str(error).split("\n"))


@pytest.mark.parametrize(
    "text",
    [None, "", b"", "\n\n", "# only a comment\n", "---\n", "{}", "null", "\ufeff", "size:\n"],
)
def test_nothing_said_is_all_defaults(text: str | bytes | None) -> None:
    assert parse(text) == Policy()


def test_the_defaults_are_the_designs() -> None:
    policy = parse("")

    assert [check.name for check in policy.checks.required] == ["gatefleet/tests"]
    assert policy.checks.accept == ("success",)
    assert (policy.size.flag, policy.size.reject) == (400, 1500)
    assert policy.roles.approve == ("write", "maintain", "admin")
    assert policy.approval.ttl == timedelta(days=14)
    assert (policy.approval.quiet_s, policy.approval.four_eyes) == (120, False)
    assert policy.limits.open_proposals == 3
    assert policy.limits.bundle_bytes == 1024 * 1024
    assert policy.review.rounds == 3
    assert policy.engines.dev.name == "command"
    assert (policy.labels.proposed, policy.labels.approved) == ("proposed", "approved")
    assert policy.budget.run == policy.budget.issue == policy.budget.day == Decimal(0)


def test_the_worked_example_says_what_it_seems_to_say() -> None:
    policy = parse(EXAMPLE)

    assert policy.schedule.timezone == "Europe/Paris"
    assert policy.setup[0].run == ("pip", "install", "-e", ".")
    commands = policy.engines.dev.commands or ()
    assert [line.run[:2] for line in commands] == [("ruff", "check"), ("ruff", "format")]
    assert commands[0].ok == (0, 1)
    assert policy.budget.run == Decimal("0.5")
    assert policy.checks.required[1].app == "github-actions"
    assert policy.triggers["custom.sentry.alert"].fields.required == ("title",)
    assert policy.accept == ("protection.none",)


def test_every_error_is_told_at_once_in_the_order_of_the_file() -> None:
    text = """\
size:
  flagg: 3
  reject: many
schedule:
  timezone: Europe/Pari
checks:
  required: []
roles:
  approve: [maintain, triage]
tests: pytest
"""
    lines = complaints(text)

    starts = [line.removeprefix(".gatefleet.yml: ").split(" ", 3)[:3] for line in lines]
    assert starts == [
        ["line", "2:", "size.flagg:"],
        ["line", "3:", "size.reject:"],
        ["line", "5:", "schedule.timezone:"],
        ["line", "7:", "checks.required:"],
        ["line", "9:", "roles.approve[1]:"],
        ["line", "10:", "tests:"],
    ]
    assert "did you mean flag?" in lines[0]
    assert "valid here: flag, reject, files" in lines[0]
    assert "did you mean Europe/Paris?" in lines[2]
    assert "did you mean test?" in lines[5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on: push", "line 1: on: is not a known key; valid here: schedule, proposals, labels"),
        ("size: {flag: 3}\nsize: {flag: 4}", "line 2: size: is written twice (first on line 1)"),
        ("size:\n  flag: 1\n  flag: 2", "line 3: size.flag: is written twice (first on line 2)"),
        ("a: &x [1]\nb: *x", "line 1: a: has an anchor; "),
        ("size: !!python/object:os.system x", "line 1: size: has a tag; "),
        ("? [a]\n: b", "line 1: ?: is a list or a mapping where a key should be"),
        ("[1, 2]", "line 1: is not a mapping of sections"),
        ("just words", "line 1: is not a mapping of sections"),
        ("{}\n---\n{}", "line 2: is a second document"),
        ("size:\n\tflag: 3", "line 2: has a tab; indent with spaces"),
        ("scope:\n  allow:\n  - *.py", 'line 3: has a "*" that starts plain text; quote the value'),
        ("scope:\n  allow: [*py]", "line 2: scope.allow[0]: is an alias; "),
        ("size: {flag: 3", "line 1: is not YAML ("),
        ("size: 'open", "line 1: is not YAML ("),
        ("a: b: c", "line 1: is not YAML (mapping values are not allowed here)"),
        ("size: @x", 'line 1: has text that starts with "@"; put the value in quotes'),
        ("size: \x07", "line 1: has a character that a policy cannot hold (U+0007)"),
        ('protected: ["\\0"]', "line 1: protected[0]: has a character that a policy cannot hold"),
        ('protected: ["\\uD800"]', "line 1: protected[0]: has a character that a policy cannot"),
        ("size: 3", "line 1: size: 3 is not a mapping; write lines of `key: value` below it"),
        ("size: {flag: '3'}", 'line 1: size.flag: "3" is not a whole number'),
        ("size: {flag: true}", "line 1: size.flag: true is not a whole number"),
        ("size: {flag: }", "line 1: size.flag: has no value; write one, or remove the line"),
        ("size: {flag: 2000}", "line 1: size: flag 2000 is above reject 1500; lower flag"),
        ("approval: {four_eyes: yes}", 'line 1: approval.four_eyes: "yes" is neither true nor'),
        ("approval: {ttl: 14}", "line 1: approval.ttl: 14 is not a duration; write a whole"),
        ("approval: {ttl: 1s}", 'line 1: approval.ttl: "1s" is out of range; write 1h to 365d'),
        ("test: {python: 3.10}", "line 1: test.python: is not text; put the value in quotes"),
        ("test: {command: 'make | tee x'}", 'line 1: test.command: "make | tee x" has "|", which'),
        ('test: {command: "echo \'a"}', 'line 1: test.command: "echo \'a" has an open quote'),
        ("setup: pytest", 'line 1: setup: "pytest" is not a list; write it as [a, b]'),
        ("engines: {dev: codex}", "is not one of the choices; valid here: command"),
        (
            "engines: {dev: {commands: ['x {path}']}}",
            "unknown placeholder {path}; valid here: paths",
        ),
        ("proposals: {finders: [lnt]}", "(did you mean lint?); valid here: lint, types, tests"),
        ("limits: {bundle_bytes: 7MiB}", '"7MiB" is too large; write 6291456 or less'),
        ("limits: {lease: 1h}", "line 1: limits: lease 1h is longer than run_timeout 45m"),
        (
            "budget: {run: 2}",
            "line 1: budget: run 2 is above issue 0, so no run could ever reserve",
        ),
        ("budget: {run: -1}", "line 1: budget.run: -1 is not an amount of money"),
        ("labels: {approved: Proposed}", "line 1: labels: uses one label twice (Proposed)"),
        ("labels: {approved: 'gatefleet:ready'}", 'starts with "gatefleet:", which the fleet uses'),
        ("protected: [../x]", 'line 1: protected[0]: "../x" has a part "." or ".."'),
        ("scope: {deny: [/etc]}", 'line 1: scope.deny[0]: "/etc" starts with "/"'),
        ("accept: [none]", 'line 1: accept[0]: "none" is not the name of a finding'),
        ("triggers: {sentry.alert: {}}", 'line 1: triggers."sentry.alert": "sentry.alert" is not'),
        ("triggers: {custom.a.v1: {}}", '"custom.a.v1" ends in a version; leave the version out'),
        ("triggers: {custom.a: {role: dev-agent}}", "valid here: pm-agent"),
        ("checks: {required: [gatefleet/gate]}", "is decided by the gate itself; remove it"),
        ("checks: {required: [a, {name: a}]}", "line 1: checks: requires a twice; keep one"),
        ("checks: {required: [{app: a}]}", "line 1: checks.required[0].name: is missing; add it"),
    ],
)
def test_a_mistake_is_one_line_with_its_mend(text: str, expected: str) -> None:
    first = complaints(text)[0]

    assert first.startswith(".gatefleet.yml: ")
    assert expected in first


def test_text_beyond_the_limit_and_bytes_that_are_no_text_are_one_line() -> None:
    at_the_limit = "#" * TEXT_LIMIT_BYTES

    assert parse(at_the_limit) == Policy()
    assert complaints(at_the_limit + "#")[0].endswith("64 KiB (65537 bytes); shorten it")
    assert complaints(b"#" * 70_000)[0].endswith("64 KiB (70000 bytes); shorten it")
    assert complaints(b"size: \xff") == [
        ".gatefleet.yml: is not UTF-8 text (byte 6); save it as UTF-8"
    ]


def test_a_bomb_of_aliases_or_of_brackets_is_refused_without_growing() -> None:
    layers = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]

    assert "has an anchor" in complaints("\n".join(layers))[0]
    assert "nested deeper than 16 levels" in complaints("[" * 60_000)[0]
    assert "nested deeper than 16 levels" in complaints("{a: " * 10_000)[0]


def test_many_errors_are_cut_and_counted() -> None:
    lines = complaints("\n".join(f"key{n}: 1" for n in range(150)))

    assert len(lines) == 101
    assert lines[-1] == ".gatefleet.yml: … and 50 more; mend these first"


def test_the_source_is_named_as_given() -> None:
    with pytest.raises(BadInput, match=r"^octo/hello@abc: line 1: x: "):
        parse("x: 1", source="octo/hello@abc")


@given(st.text(max_size=200) | st.text(alphabet="ab:-[]{}&*!|>'\"#\n\t %@,?", max_size=60))
def test_any_text_is_a_policy_or_lines_that_name_the_file(text: str) -> None:
    assert read_or_complain(text)


@given(st.binary(max_size=100))
def test_any_bytes_are_a_policy_or_a_complaint(data: bytes) -> None:
    assert read_or_complain(data)


names = st.text(alphabet="abcdefghij", min_size=1, max_size=LABEL_LIMIT)
durations = st.integers(3, 90).map(lambda n: f"{n}s") | st.integers(1, 30).map(lambda n: f"{n}m")
values: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "size": st.fixed_dictionaries({}, optional={"flag": st.integers(1, 1500)}),
        "setup": st.lists(
            st.sampled_from(["make", ["a", "b c"], {"run": "x y", "ok": [0, 3]}]), max_size=5
        ),
        "protected": st.lists(names, max_size=3),
        "limits": st.fixed_dictionaries(
            {}, optional={"lease": durations, "bundle_bytes": st.sampled_from([4096, "2MiB"])}
        ),
        "budget": st.just({"run": 0.25, "issue": "1.50", "day": 3}),
        "engines": st.sampled_from([{"dev": "command"}, {"dev": {"commands": ["fix {paths}"]}}]),
        "checks": names.map(lambda name: {"required": [name, {"name": "x y", "app": 7}]}),
        "triggers": st.just({"custom.a.b": {"schema": {"properties": {"n": {"type": "integer"}}}}}),
    },
)


@given(values)
def test_a_policy_travels_whole_inside_a_message(value: dict[str, Any]) -> None:
    policy = parse(json.dumps(value))

    travelled = load(json.loads(json.dumps(dump(policy))))

    assert travelled == policy
    assert digest(travelled) == digest(policy)
    assert parse(json.dumps(dump(policy))) == policy


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("", "size: {reject: 1500, flag: 400}"),
        ("approval: {ttl: 14d}", "approval: {ttl: 336h}  # two weeks"),
        ("budget: {day: 2.50}", 'budget: {day: "2.5"}'),
        ("setup: [make all]", "setup: [[make, all]]"),
        ("engines: {dev: command}", "engines: {dev: {name: command}}"),
        ("checks: {required: [a]}", "checks: {required: [{name: a}]}"),
        ("limits: {bundle_bytes: 2MiB}", "limits: {bundle_bytes: 2097152}"),
        ("size: {flag: 1}\nprotected: [a]", "protected: [a]\nsize: {flag: 1}"),
    ],
)
def test_what_means_the_same_has_the_same_digest(one: str, other: str) -> None:
    assert digest(parse(one)) == digest(parse(other))


def test_what_means_something_else_has_another_digest() -> None:
    texts = ["", "size: {flag: 401}", "protected: [a]", "accept: [a.b]", "approval: {quiet_s: 0}"]

    digests = {digest(parse(text)) for text in texts}

    assert len(digests) == len(texts)
    assert all(len(each) == 64 for each in digests)


def test_a_message_that_holds_no_policy_is_refused_by_key() -> None:
    value = dump(Policy())
    value["size"]["colour"] = "red"
    value["review"]["rounds"] = 0

    with pytest.raises(BadInput) as caught:
        load(value)

    assert str(caught.value).split("\n") == [
        "policy: size.colour: is not a known key; valid here: flag, reject, files",
        "policy: review.rounds: 0 is too small; write 1 or more",
    ]


def test_a_policy_cannot_be_changed() -> None:
    policy = Policy()

    with pytest.raises(ValidationError, match="frozen"):
        policy.size.flag = 3  # type: ignore[misc]  # the point of the test

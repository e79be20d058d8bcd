"""Caps, money and engines."""

from decimal import Decimal

import pytest

from shared.engines.placeholders import PLACEHOLDERS as engine_placeholders
from shared.engines.placeholders import parse as placed
from shared.errors import BadInput
from shared.policy import Policy, parse
from shared.policy.working import PLACEHOLDERS, Limits


@pytest.mark.parametrize("name", sorted(Limits.model_fields))
def test_i20_every_cap_has_a_default_and_cannot_be_switched_off(name: str) -> None:
    assert getattr(Policy().limits, name)
    for off in ("-1", "unlimited", "null", "99999999999999"):
        with pytest.raises(BadInput, match=rf"line 1: limits\.{name}"):
            parse(f"limits: {{{name}: {off}}}")


def test_i20_a_finite_number_of_rounds_and_proposals() -> None:
    for text in ("review: {rounds: 0}", "review: {rounds: 11}", "proposals: {quota: 21}"):
        with pytest.raises(BadInput, match="is too"):
            parse(text)


def test_money_is_exact() -> None:
    budget = parse("budget: {run: 0.1, issue: 0.3, day: '12345.678901'}").budget

    assert (budget.run, budget.issue) == (Decimal("0.1"), Decimal("0.3"))
    assert budget.day == Decimal("12345.678901")


def test_no_money_may_be_spent_unless_it_is_configured() -> None:
    assert Policy().budget.run == 0


@pytest.mark.parametrize("amount", [".inf", "nan", "1e3", "$2", "-0.5", "1.2345678", "true", "1_0"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(BadInput, match=r"budget\.day: .*is not an amount of money"):
        parse(f"budget: {{day: {amount}}}")


def test_every_placeholder_is_taken_and_braces_of_others_are_left_alone() -> None:
    words = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    policy = parse(f"engines: {{dev: {{commands: ['fix {words} ${{HOME}} {{}}']}}}}")

    (line,) = policy.engines.dev.commands or ()
    assert line.run == ("fix", *(f"{{{name}}}" for name in PLACEHOLDERS), "${HOME}", "{}")


@pytest.mark.parametrize(
    "line",
    [
        "fix {paths}",
        "fix {{paths}}",
        "fix a{paths}",
        "fix {path}",
        "fix --s={rules} {title}",
        "f {}",
    ],
)
def test_the_policy_takes_the_lines_that_the_engine_takes(line: str) -> None:
    taken = []
    for reader in (
        lambda: parse(f"engines: {{dev: {{commands: ['{line}']}}}}"),
        lambda: placed(line),
    ):
        try:
            reader()
        except BadInput:
            taken.append(False)
        else:
            taken.append(True)

    assert taken[0] == taken[1]
    assert engine_placeholders == PLACEHOLDERS


def test_an_engine_of_one_word_is_all_its_defaults() -> None:
    assert parse("engines: {dev: command}") == Policy()
    assert Policy().engines.dev.commands is None

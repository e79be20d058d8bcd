"""Money is reserved before a run may spend it. Pure; all amounts in millionths of a US dollar."""

from dataclasses import dataclass
from decimal import Decimal

from shared.policy import Policy

MICROS = 1_000_000

USED_UP = "the budget of this {name} ({usd:.2f} USD) is used up (budget.{name})"


@dataclass(frozen=True)
class UsedUp:
    """There is nothing left, and why."""

    why: str
    for_a_day: bool
    """True: it comes back with time. False: only people can give more."""


@dataclass(frozen=True)
class Spent:
    """What is reserved or spent so far."""

    issue: int
    day: int


def micros(usd: Decimal) -> int:
    """US dollars as millionths."""
    return int(usd * MICROS)


def reserve(policy: Policy, spent: Spent) -> int | UsedUp:
    """How much a run may spend, or why there is nothing left.

    Without a budget nothing may be spent, which is all that a fleet without a model needs.
    """
    run, issue, day = (
        micros(amount) for amount in (policy.budget.run, policy.budget.issue, policy.budget.day)
    )
    if run == 0:
        return 0
    left = min(run, issue - spent.issue, day - spent.day)
    if left <= 0:
        name, cap = ("issue", issue) if spent.issue >= issue else ("day", day)
        return UsedUp(USED_UP.format(name=name, usd=cap / MICROS), for_a_day=name == "day")
    return left

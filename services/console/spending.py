"""What an issue has used so far, over all its runs and their generations. Pure."""

from dataclasses import dataclass

from services.console.composing import Parts
from services.console.records import RunRecord


@dataclass(frozen=True)
class Spent:
    """Time and money of agents. Money in millionths of a US dollar."""

    runs: int = 0
    seconds: float = 0.0
    money_micros: int = 0
    tokens: int = 0
    known: bool = True
    """False: of one generation nobody could tell, so it is more than this."""


NOTHING = Spent()


def spent(parts: Parts) -> Spent:
    """Of all runs of an issue; what was spent before the console heard of it is not forgotten."""
    found = sum_of(*parts.runs)
    approved = parts.issue.approved
    before = approved.spent_micros if approved is not None else 0
    if before <= found.money_micros:
        return found
    return Spent(found.runs, found.seconds, before, found.tokens, found.known)


def sum_of(*runs: RunRecord) -> Spent:
    """Of some runs."""
    used = [each.usage for run in runs for each in run.used.values()]
    return Spent(
        runs=len(runs),
        seconds=sum(each.seconds for each in used),
        money_micros=sum(each.money_micros for each in used),
        tokens=sum(each.tokens_in + each.tokens_out for each in used),
        known=all(each.known for each in used),
    )

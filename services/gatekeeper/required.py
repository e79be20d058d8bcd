"""Is a required check green? On exactly this head, from the right source, and by its latest result."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.gatekeeper.roles import Fleet
from shared.messages.content import GateInput
from shared.messages.objects import Check
from shared.policy import RequiredCheck

OURS = "gatefleet/"

MISSING = "nothing was reported for this head yet; it is waited for"
RUNNING = "it still runs; it is waited for"
PASSED = "passed"
OTHER = "it ended as {conclusion}, and the policy counts {accepted} only; mend it or run it again"


@dataclass(frozen=True)
class Sources:
    """Who posts checks that count as the fleet's, and which conclusions count as passed."""

    fleet: Fleet
    accept: frozenset[str] = frozenset({"success"})


def judge_check(
    wanted: RequiredCheck, checks: Sequence[Check], *, head: str, sources: Sources
) -> GateInput:
    """One row for one required check.

    Where no app is named, every source that reports under the name must have passed: otherwise
    anyone who may post a status could outvote the real one.
    """
    latest: dict[tuple[str, int | None, int | None], Check] = {}
    for check in checks:
        if check.sha != head or check.name != wanted.name or not _counts(check, wanted, sources):
            continue
        source = (check.kind, check.app_id, check.creator.id if check.creator else None)
        if source not in latest or _newer(check, latest[source]):
            latest[source] = check
    results = [_one(check, sources.accept) for check in latest.values()]
    value, cause = min(results, key=_worst, default=("unknown", MISSING))
    return GateInput.model_validate(
        {"name": f"check:{wanted.name}", "value": value, "cause": cause}
    )


def is_ours(check: Check, fleet: Fleet) -> bool:
    """Whether the fleet itself posted it."""
    by_app = check.app_id is not None and check.app_id in fleet.app_ids
    by_us = check.creator is not None and check.creator.id in fleet.user_ids
    return by_app or (check.app_id is None and by_us)


def _worst(result: tuple[str, str]) -> tuple[int, str]:
    return ("fail", "unknown", "pass").index(result[0]), result[1]


def _newer(check: Check, other: Check) -> bool:
    return (check.at, check.id) > (other.at, other.id)


def _one(check: Check, accept: frozenset[str]) -> tuple[str, str]:
    if check.status != "completed":
        return "unknown", RUNNING
    if check.conclusion in accept:
        return "pass", PASSED
    accepted = ", ".join(sorted(accept))
    return "fail", OTHER.format(conclusion=check.conclusion or "nothing", accepted=accepted)


def _counts(check: Check, wanted: RequiredCheck, sources: Sources) -> bool:
    creator = check.creator
    if wanted.name.startswith(OURS):
        return is_ours(check, sources.fleet)
    if wanted.app is None:
        return True
    if wanted.app.isdigit():
        return check.app_id == int(wanted.app)
    if check.app_slug is not None:
        return check.app_slug == wanted.app
    names = (wanted.app, f"{wanted.app}[bot]")
    return creator is not None and creator.kind == "Bot" and creator.login in names

"""The first line, and one line for each thing that keeps the fleet from its work."""

import pytest

from services.fleet.circumstances import GOES_ON, Circumstances, Place, first_line, news, waits
from shared.messages import Message
from shared.messages.base import Repo
from shared.messages.content import DoctorFinding
from shared.messages.gate import FleetResumed, FleetStopped, RepositoryEvaluated
from shared.messages.objects import Protection
from shared.messages.observed import RepositoryObserved
from shared.policy import digest, dump, parse

REPO = Repo(id="R1", owner="octo", name="hello")
PLACE = Place("octo/hello", "gatefleet[bot]", "memory", "http://127.0.0.1:8300")
PROTECTED = Protection(readable=True)


def observed(policy: bytes | None = None, *, errors: tuple[str, ...] = ()) -> RepositoryObserved:
    """The repository as it was seen with that policy."""
    found = parse(policy)
    return RepositoryObserved(
        repo=REPO, default_branch="main", head_sha="a" * 40, policy=dump(found),
        policy_digest=digest(found), policy_errors=errors, protection=PROTECTED,
    )  # fmt: skip


def evaluated(*findings: DoctorFinding, on: bool = False) -> RepositoryEvaluated:
    """What the doctor said."""
    return RepositoryEvaluated(repo=REPO, on=on, findings=findings)


def after(*messages: Message) -> Circumstances:
    """What holds after these."""
    now = Circumstances()
    for message in messages:
        now = now.after(message)
    return now


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (None, "engine command · no money: the policy's budget is 0"),
        (
            b"budget: {run: 0.50, issue: 2, day: 10}",
            "engine command · budget $0.5 a run, $2 an issue, $10 a day",
        ),
    ],
)
def test_the_first_line_says_where_what_and_how_much(policy: bytes | None, said: str) -> None:
    line = first_line(PLACE, after(observed(policy)), 2)

    assert line == (
        f"octo/hello as gatefleet[bot] · bus memory · {said} · 2 things wait for you · "
        "http://127.0.0.1:8300"
    )


def test_a_policy_that_was_not_read_yet_is_not_guessed() -> None:
    assert "engine not known yet · budget not known yet" in first_line(PLACE, Circumstances(), 0)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "nothing waits for you"),
        (1, "1 thing waits for you"),
        (3, "3 things wait for you"),
    ],
)
def test_what_waits_is_counted_in_words(count: int, said: str) -> None:
    assert waits(count) == said


NONE = DoctorFinding(id="protection.none", text="main is not protected; add a ruleset")
PERSON = DoctorFinding(id="identity.person", text="the fleet is a person; make an App")
LIVED_WITH = DoctorFinding(id="protection.stale", text="stale approvals", accepted=True)
OFF = "off: nothing is worked on: "


@pytest.mark.parametrize(
    ("messages", "lines"),
    [
        ([observed(), evaluated(on=True)], []),
        ([observed(), evaluated(LIVED_WITH, on=True)], []),
        (
            [observed(errors=("bugdet: unknown key;\n did you mean budget?", "and more"))],
            [
                "the policy is broken, and the last good one holds: bugdet: unknown key; did you "
                "mean budget? (and 1 more); mend .gatefleet.yml on main"
            ],
        ),
        ([observed(errors=("x",)), observed()], []),
        (
            [evaluated(LIVED_WITH, NONE)],
            [
                f"{OFF}main is not protected; add a ruleset; or live with it: add `protection.none` to "
                "`accept:` in .gatefleet.yml"
            ],
        ),
        ([evaluated(PERSON, NONE)], [f"{OFF}the fleet is a person; make an App (and 1 more)"]),
        ([evaluated(NONE), evaluated(on=True)], []),
        (
            [FleetStopped(repo=REPO, why="STOP is there")],
            ["stopped: STOP is there; nothing is started or written until `gatefleet resume`"],
        ),
        ([FleetStopped(repo=REPO, why="x"), FleetResumed(repo=REPO, why="y")], []),
    ],
)  # fmt: skip
def test_each_trouble_is_one_line_with_its_mend(messages: list[Message], lines: list[str]) -> None:
    assert after(*messages).troubles() == lines


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ([], [], []),
        ([], ["off", "stopped"], ["off", "stopped"]),
        (["off"], ["off", "stopped"], ["stopped"]),
        (["off", "stopped"], ["off"], []),
        (["off", "stopped"], [], [GOES_ON]),
    ],
)
def test_a_trouble_is_told_once_and_the_end_of_the_last_one(
    before: list[str], now: list[str], said: list[str]
) -> None:
    assert news(before, now) == said

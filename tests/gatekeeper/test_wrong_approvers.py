"""F5: every role, by every form, with every answer of the role's API: who approves and who does not."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest

from services.gatekeeper.approving import Approve, Decision, Nothing, RemoveLabel, decide
from services.gatekeeper.facts import ApprovalPolicy, IssueFacts, Presented
from services.gatekeeper.reading import read_until
from services.gatekeeper.roles import WRITERS, Role, Unreadable
from services.gatekeeper.standing import Undecided
from shared.messages.content import Reason
from shared.messages.objects import Actor
from tests.gatekeeper.issues import (
    FLEET,
    FLEET_APP,
    STRANGER,
    at,
    comment,
    event,
    facts,
    issue,
    labeled,
    with_history,
)

SUBJECT = Actor(id=40, login="subject", kind="User")
LOOK_ALIKE = Actor(id=41, login="gatefleet", kind="User")
LABEL = issue(author=STRANGER, labels=("approved",))
PLAIN = issue(author=STRANGER)

ROLE_NAMES = ["read", "triage", "none", "write", "maintain", "admin", "captain", "unmapped"]
ANSWERS = ["ok", "404", "403", "500", "timeout"]
APPROVING_ROLES = {"write", "maintain", "admin", "captain"}


def _shown(given: IssueFacts) -> IssueFacts:
    assert not isinstance(given.history, Unreadable)
    text = read_until(given, given.history)
    return replace(given, presented=Presented(text.digest, at(20)))


def _said(body: str, *, edited: float | None = None, app: int | None = None) -> IssueFacts:
    given = _shown(facts(of=PLAIN))
    return with_history(given, comments=(comment(1, SUBJECT, body, 300, edited=edited, app=app),))


def _label(actor: Actor = SUBJECT, when: float = 300, app: int | None = None) -> IssueFacts:
    given = _shown(facts(of=LABEL))
    return with_history(given, timeline=(labeled(actor, when, app=app),))


def _digest() -> str:
    given = facts(of=PLAIN)
    assert not isinstance(given.history, Unreadable)
    return read_until(given, given.history).digest


def _by_bot() -> IssueFacts:
    bot = SUBJECT.model_copy(update={"kind": "Bot"})
    return with_history(_shown(facts(of=PLAIN)), comments=(comment(1, bot, "/approve", 300),))


def _by_fleet() -> IssueFacts:
    given = with_history(_shown(facts(of=PLAIN)), comments=(comment(1, SUBJECT, "/approve", 300),))
    return replace(given, fleet=replace(given.fleet, user_ids=frozenset({FLEET.id, SUBJECT.id})))


COUNTS: dict[str, Callable[[], IssueFacts]] = {
    "label": _label,
    "/approve": lambda: _said("/approve"),
    "/approve exact": lambda: _said(f"/approve {_digest()}"),
}
NEVER_COUNTS: dict[str, Callable[[], IssueFacts]] = {
    "form label": lambda: with_history(
        _shown(facts(of=LABEL.model_copy(update={"author": SUBJECT}))),
        timeline=(labeled(SUBJECT, 0),),
    ),
    "label rename": lambda: with_history(
        _shown(facts(of=LABEL)), timeline=(event("labeled", SUBJECT, 300, label="bug"),)
    ),
    "transfer": lambda: with_history(_label(), timeline=(event("transferred", SUBJECT, 301),)),
    "edited comment": lambda: _said("/approve", edited=301),
    "quoted": lambda: _said("> /approve"),
    "fenced": lambda: _said("```\n/approve\n```"),
    "hidden in an HTML comment": lambda: _said("<!-- /approve -->"),
    "bot": _by_bot,
    "fleet identity": _by_fleet,
    "label by the fleet": lambda: _label(FLEET),
    "via another app": lambda: _said("/approve", app=12),
    "via the fleet's app": lambda: _said("/approve", app=FLEET_APP),
    "label via an app": lambda: _label(app=12),
    "too soon after the showing": lambda: _label(when=100),
    "wrong digest": lambda: _said("/approve " + "0" * 16),
}


def _asked(given: IssueFacts, role: str, answer: str) -> IssueFacts:
    found = Role(role) if answer == "ok" else Unreadable(f"{answer} for subject")
    return replace(
        given,
        roles={**given.roles, SUBJECT.id: found},
        policy=ApprovalPolicy(approve=WRITERS | {"captain"}),
    )


@pytest.mark.parametrize(("role", "answer"), list(product(ROLE_NAMES, ANSWERS)))
@pytest.mark.parametrize("form", COUNTS)
def test_f5_i02_exactly_writers_with_a_readable_role_approve(
    role: str, answer: str, form: str
) -> None:
    decision = decide(_asked(COUNTS[form](), role, answer))

    if answer != "ok":
        assert decision == Undecided(f"{answer} for subject")
    elif role in APPROVING_ROLES:
        assert isinstance(decision, Approve)
    else:
        assert [reason.name for reason in _reasons(decision)] == ["role"]


@pytest.mark.parametrize(("role", "answer"), list(product(ROLE_NAMES, ANSWERS)))
@pytest.mark.parametrize("form", NEVER_COUNTS)
def test_f5_i03_i09_i10_no_other_form_approves_for_any_role(
    role: str, answer: str, form: str
) -> None:
    decision = decide(_asked(NEVER_COUNTS[form](), role, answer))

    assert isinstance(decision, Nothing | RemoveLabel | Undecided)
    if form not in ("quoted", "fenced", "hidden in an HTML comment"):
        assert decision != Nothing(), "a refusal in vain is recorded with its reason"


def test_f5_a_look_alike_login_has_the_role_of_its_own_id() -> None:
    given = with_history(
        _shown(facts(of=PLAIN)), comments=(comment(1, LOOK_ALIKE, "/approve", 300),)
    )

    decision = decide(replace(given, roles={**given.roles, LOOK_ALIKE.id: Role("read")}))

    assert isinstance(decision, Nothing)


def _reasons(decision: Decision) -> tuple[Reason, ...]:
    if isinstance(decision, RemoveLabel):
        return (decision.reason,)
    assert isinstance(decision, Nothing), decision
    return decision.reasons

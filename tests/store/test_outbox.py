"""Inbox, outbox and dead letters."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from shared.messages import Envelope
from shared.messages.custom import CustomEvent
from shared.messages.examples import REPO, example
from shared.messages.gate import FleetStopped, IssueOpened
from shared.messages.observed import IssueObserved
from shared.messages.work import EventAnswered
from shared.store import Handling, outbox

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ONE, TWO = UUID(int=1), UUID(int=2)


def handling(session: Session, cause: UUID = ONE) -> Handling:
    """The handling of the message `cause`."""
    return Handling(session, NOW, cause, correlation="octo/hello#7", trace="00-ab-cd-01")


def stopped(session: Session, why: str, *, position: int = 0, cause: UUID = ONE) -> Envelope:
    """A message said in answer to `cause`."""
    said = FleetStopped(repo=REPO, why=why)
    return outbox.seal(said, handling(session, cause), sender="gatekeeper", position=position)


def test_an_envelope_says_where_it_comes_from(session: Session) -> None:
    said = stopped(session, "why")
    assert (said.topic, said.sender, said.at) == ("gate.fleet.stopped.v1", "gatekeeper", NOW)
    assert (said.correlation, said.causation, said.trace) == ("octo/hello", ONE, "00-ab-cd-01")
    assert said.body == FleetStopped(repo=REPO, why="why").model_dump_json().encode()


def test_a_repeated_handling_says_the_same_ids(session: Session) -> None:
    def said(cause: UUID) -> list[UUID]:
        same = EventAnswered(repo=REPO, event=ONE, name="sentry.alert", answer="seen")
        at = handling(session, cause)
        return [outbox.seal(same, at, sender="scheduler", position=n).id for n in range(2)]

    assert said(ONE) == said(ONE)
    assert len({*said(ONE), *said(TWO)}) == 4


def test_another_answer_to_the_same_message_is_another_message(session: Session) -> None:
    """A scheduler without its database dispatches anew what it hears again: it must be heard."""

    def said(answer: str) -> UUID:
        again = EventAnswered(repo=REPO, event=ONE, name="sentry.alert", answer=answer)
        return outbox.seal(again, handling(session), sender="scheduler", position=0).id

    assert said("generation 1") != said("generation 2")


def test_what_was_observed_or_is_said_again_takes_its_id_from_its_content(session: Session) -> None:
    def ids(message: IssueObserved | IssueOpened) -> set[UUID]:
        causes = (ONE, TWO)
        return {
            outbox.seal(message, handling(session, cause), sender="x", position=n).id
            for n, cause in enumerate(causes)
        }

    seen, opened = example("observed.issue.v1"), example("gate.issue.opened.v1")
    assert isinstance(seen, IssueObserved)
    assert isinstance(opened, IssueOpened)
    assert len(ids(seen)) == len(ids(opened)) == 1
    assert ids(opened) != ids(opened.model_copy(update={"content": "newer"}))


def test_an_event_is_sealed_on_its_own_topic(session: Session) -> None:
    event = CustomEvent(repo=REPO, name="sentry.alert")
    sealed = outbox.seal(event, handling(session), sender="somebody", position=0)
    assert sealed.topic == "custom.sentry.alert.v1"


def test_what_waits_is_read_in_order_page_by_page(session: Session) -> None:
    said = [stopped(session, str(n), position=n) for n in range(5)]
    outbox.put(session, said)
    first = outbox.waiting(session, limit=3)
    rest = outbox.waiting(session, limit=3, skip=[each.id for each in first])
    assert [*first, *rest] == said
    outbox.sent(session, [each.id for each in first])
    assert outbox.depth(session) == 2
    assert outbox.waiting(session, limit=9) == said[3:]


def test_what_is_held_is_not_read(session: Session) -> None:
    event = CustomEvent(repo=REPO, name="sentry.alert")
    held = outbox.seal(event, handling(session), sender="somebody", position=0)
    said = stopped(session, "a")
    outbox.put(session, [held, said])
    assert outbox.waiting(session, limit=9, topics=[held.topic]) == [said]
    assert outbox.waiting(session, limit=9, topics=[held.topic], skip=[said.id]) == []


def test_one_that_waits_already_is_left_as_it_is(session: Session) -> None:
    said = stopped(session, "a")
    outbox.put(session, [said, said])
    outbox.put(session, [said, stopped(session, "b", position=1)])
    assert outbox.depth(session) == 2
    outbox.put(session, [])
    assert outbox.depth(session) == 2


@pytest.mark.parametrize("times", [1, 2])
def test_a_dead_letter_is_kept_once_with_its_last_reason(session: Session, times: int) -> None:
    dead = stopped(session, "poison")
    bury: Callable[[str], None] = lambda why: outbox.bury(  # noqa: E731
        session, "q", dead, why=(why, "Traceback …"), at=NOW
    )
    for n in range(times):
        bury(f"reason {n}")
    assert outbox.dead_letters(session) == [("q", dead, f"reason {times - 1}")]

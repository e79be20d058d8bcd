"""The oracle: what people did, and whether it allows work. It never asks the gatekeeper."""

import pytest

from tests.simulation.truth import NOTICE_S, ROLE_AGE_S, Approving, IssueTruth, Truth
from tests.simulation.watching import shows

TEXT = ("Mend it", "It is broken.")


class Told:
    """A truth with a clock that stands, one issue by `author`, and one approval by `who`."""

    def __init__(self, *, author: str = "ada", who: str = "ada", shown: bool = False) -> None:
        self.at = 1000.0
        self.truth = Truth(lambda: self.at)
        self.truth.roles |= {"ada": [(0.0, "write")], "eve": [(0.0, "read")]}
        self.issue = IssueTruth(author, TEXT)
        self.issue.acts.append(Approving(who, self.at, TEXT, 5, None, shown))
        self.truth.issues[1] = self.issue


def test_i01_a_writers_approval_of_a_writers_text_allows() -> None:
    assert Told().truth.allows(1)


@pytest.mark.parametrize("who", ["eve", "nobody"])
def test_i02_nobody_else_allows(who: str) -> None:
    assert not Told(who=who).truth.allows(1)


def test_i05_a_strangers_text_must_have_been_shown() -> None:
    assert not Told(author="eve").truth.allows(1)
    assert Told(author="eve", shown=True).truth.allows(1)


def test_i05_a_text_is_shown_where_it_stands_whole() -> None:
    comment = "An agent would read:\n\n```text\nMend it\n\nIt is broken.\n```\n\n`/approve 4f1c`"

    assert shows(comment, TEXT)
    assert not shows(comment, ("Mend it", "It is broken.\n\nAnd more."))
    assert not shows("working: an agent implements it", TEXT)


def test_i06_another_text_is_not_approved() -> None:
    told = Told()
    told.issue.text = ("Mend it", "It is evil.")

    assert not told.truth.allows(1)


def test_a_closed_issue_is_not_worked_on() -> None:
    told = Told()
    told.issue.closed = True

    assert not told.truth.allows(1)


def test_a_label_allows_while_it_is_there() -> None:
    told = Told()
    told.issue.acts = [Approving("ada", told.at, TEXT, None, None, False)]

    assert not told.truth.allows(1)
    told.issue.labelled = True
    assert told.truth.allows(1)


def test_i02_a_role_that_was_taken_is_remembered_for_a_minute_and_no_more() -> None:
    told = Told()
    told.truth.role("ada", "read")

    assert told.truth.allows(1)
    told.at += ROLE_AGE_S + 1
    assert not told.truth.allows(1)


def test_an_effect_that_was_under_way_is_forgiven_for_a_moment() -> None:
    told = Told()
    told.truth.note(1)
    told.issue.acts.clear()

    assert told.truth.allowed_lately(1)
    told.at += NOTICE_S + 1
    assert not told.truth.allowed_lately(1)


def test_an_author_who_may_write_no_more_does_not_end_what_was_approved() -> None:
    told = Told(author="max")
    told.truth.roles["max"] = [(0.0, "write")]

    assert told.truth.allows(1)
    told.truth.role("max", "read")
    told.at += ROLE_AGE_S + 1
    assert told.truth.allows(1)

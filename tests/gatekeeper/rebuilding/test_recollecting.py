"""What the fleet's one comment gives back of what it was composed of."""

from datetime import UTC, datetime

import pytest

from services.gatekeeper.rebuilding.recollecting import recollect, remembering, sections
from services.gatekeeper.words.notices import label_removed
from services.gatekeeper.words.presentation import presentation
from services.gatekeeper.words.status import Memory, issue_comment
from shared.messages.content import Reason
from shared.messages.objects import Comment, Edit
from shared.snapshot import take
from tests.gatekeeper.issues import FLEET, MAINTAINER, REPO, facts, issue

AT = datetime(2030, 1, 7, 6, tzinfo=UTC)
MEMORY = Memory("a" * 64, AT, runs=3, spent_micros=250_000, rest="the cap", rest_words="wait")
NOTICE = label_removed("approved", Reason(name="role", text="eve has the role read"))


def comment(body: str) -> Comment:
    return Comment(id=9, number=7, author=FLEET, body=body, created_at=AT, updated_at=AT)


@pytest.mark.parametrize("next_words", ["", "comment `/approve`"])
@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize("notice", ["", NOTICE])
def test_a_comment_gives_back_the_sections_that_it_was_made_of(
    next_words: str, shown: bool, notice: str
) -> None:
    text = presentation(
        take(REPO, issue(body="Do it\n\n```\ncode\n```"), []), issue=7, why="eve wrote it"
    )
    parts = [each for each in (text if shown else "", notice) if each]
    body = issue_comment(
        7, standing="Proposed: it waits", next_words=next_words, sections=parts, memory=MEMORY
    )

    assert sections(body) == (text if shown else "", notice)
    assert sections(body.replace("\n", "\r\n")) == (text if shown else "", notice)


def test_a_comment_that_nobody_else_edited_tells_what_was_shown_and_when() -> None:
    body = issue_comment(7, standing="s", memory=MEMORY)
    known = facts(comments=(comment(body),))
    found = recollect(known)

    assert (found.comment, found.memory) == (9, MEMORY)
    presented = remembering(known, found).presented
    assert presented is not None
    assert (presented.digest, presented.at) == ("a" * 64, AT)


def test_a_comment_that_somebody_edited_is_found_and_not_believed() -> None:
    body = issue_comment(7, standing="s", memory=MEMORY)
    known = facts(comments=(comment(body),), edits=(Edit(at=AT, editor=MAINTAINER, comment=9),))
    found = recollect(known)

    assert (found.comment, found.comment_text, found.memory) == (9, "", Memory())
    assert remembering(known, found).presented is None


def test_a_comment_by_anybody_else_with_our_marker_is_none_of_ours() -> None:
    body = issue_comment(7, standing="s", memory=MEMORY)
    theirs = comment(body).model_copy(update={"author": MAINTAINER})

    assert recollect(facts(comments=(theirs,))).comment is None

"""I-28: protected paths need a person's approval of exactly this head."""

import pytest

from services.gatekeeper.protecting import paths_approved_by
from services.gatekeeper.roles import WRITERS, Fleet, Unreadable
from shared.messages.objects import Comment
from tests.gatekeeper.issues import BOT, FLEET, READER, ROLES, STRANGER, TRIAGER, WRITER, comment

HEAD, OLD = "a" * 40, "b" * 40
NOT_WRITERS = (STRANGER, READER, TRIAGER, BOT, FLEET)
IDENTITY = Fleet(frozenset({FLEET.id}))


def asked(*comments: Comment) -> str | Unreadable | None:
    return paths_approved_by(comments, head=HEAD, roles=ROLES, fleet=IDENTITY, approve=WRITERS)


def test_i28_a_writers_approval_of_this_head_counts() -> None:
    assert asked(comment(1, WRITER, f"/approve-paths {HEAD}", 5)) == "writer"


@pytest.mark.parametrize(
    "said",
    [
        comment(1, WRITER, f"/approve-paths {OLD}", 5),
        comment(1, WRITER, f"/approve-paths {HEAD}", 5, edited=6),
        comment(1, WRITER, f"/approve-paths {HEAD}", 5).model_copy(update={"deleted": True}),
        comment(1, WRITER, f"/approve-paths {HEAD}", 5, app=3),
        comment(1, WRITER, f"/approve {HEAD}", 5),
        comment(1, WRITER, f"ok\n/approve-paths {HEAD}", 5),
        *(comment(1, who, f"/approve-paths {HEAD}", 5) for who in NOT_WRITERS),
    ],
)  # fmt: skip
def test_i28_nothing_else_counts(said: Comment) -> None:
    assert asked(said) is None


def test_i02_an_unreadable_role_leaves_it_open_unless_another_counts() -> None:
    said = comment(1, WRITER, f"/approve-paths {HEAD}", 5)
    other = comment(2, READER, f"/approve-paths {HEAD}", 6)
    roles = {**ROLES, READER.id: Unreadable("503")}

    def judged(*comments: Comment) -> str | Unreadable | None:
        return paths_approved_by(comments, head=HEAD, roles=roles, fleet=IDENTITY, approve=WRITERS)

    assert judged(other) == Unreadable("503")
    assert judged(other, said) == "writer"

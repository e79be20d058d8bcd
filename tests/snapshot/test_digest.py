"""D: the digest binds to content, field by field."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from shared.messages.base import Repo
from shared.messages.content import SnapshotComment
from shared.messages.objects import Actor, Comment, Issue
from shared.snapshot.digest import digest, take
from shared.snapshot.sanitise import SANITISER

AT = datetime(2030, 1, 1, tzinfo=UTC)
REPO = Repo(owner="octo", name="hello", id="1")
ANN = Actor(id=7, login="ann", kind="User")

FIELDS = st.tuples(
    st.text(max_size=6), st.text(max_size=6), st.text(max_size=6), st.text(max_size=6)
)


def issue(title: str = "t", body: str = "b") -> Issue:
    return Issue(
        number=3, node_id="I_3", title=title, body=body, state="open", author=ANN,
        created_at=AT, updated_at=AT,
    )  # fmt: skip


def comment(number: int, body: str, author: Actor = ANN) -> Comment:
    return Comment(id=number, number=3, author=author, body=body, created_at=AT, updated_at=AT)


@given(FIELDS, FIELDS)
def test_i04_different_texts_have_different_digests(
    one: tuple[str, str, str, str], other: tuple[str, str, str, str]
) -> None:
    first = digest(one[0], one[1], title=one[2], body=one[3])
    second = digest(other[0], other[1], title=other[2], body=other[3])

    assert (first == second) == (one == other)


def test_i04_a_word_moved_over_a_field_boundary_changes_the_digest() -> None:
    whole = digest("1", "n", title="ab", body="c")

    assert whole != digest("1", "n", title="a", body="bc")
    assert whole != digest("1", "na", title="b", body="c")
    said = SnapshotComment(id=1, author_id=2, author="x", body="c")
    assert whole != digest("1", "n", title="ab", body="", comments=[said])


def test_i07_the_snapshot_holds_what_was_sanitised_and_says_what_was_removed() -> None:
    taken = take(
        REPO, issue(body="do<!-- evil -->it"), [comment(2, "and\u200b this"), comment(1, "x")]
    )

    assert (taken.title, taken.body) == ("t", "doit")
    assert [(c.id, c.author_id, c.body) for c in taken.comments] == [
        (1, 7, "x"),
        (2, 7, "and this"),
    ]
    assert taken.removed == ("1 HTML comment", "1 invisible character")
    assert taken.sanitiser == SANITISER
    assert taken.digest == digest("1", "I_3", title="t", body="doit", comments=taken.comments)
    assert taken.raw_digest != taken.digest


def test_i04_hidden_text_is_not_in_the_digest_but_in_the_raw_one() -> None:
    plain, hidden = take(REPO, issue(body="do"), []), take(REPO, issue(body="do<!-- x -->"), [])

    assert plain.digest == hidden.digest
    assert plain.raw_digest != hidden.raw_digest


def test_d_covers_comments_by_id_author_and_body_in_any_order() -> None:
    base = take(REPO, issue(), [comment(1, "x"), comment(2, "y")]).digest
    bob = Actor(id=8, login="ann", kind="User")
    renamed = Actor(id=7, login="anna", kind="User")

    assert take(REPO, issue(), [comment(2, "y"), comment(1, "x")]).digest == base
    assert take(REPO, issue(), [comment(1, "x", renamed), comment(2, "y")]).digest == base
    assert take(REPO, issue(), [comment(1, "x", bob), comment(2, "y")]).digest != base
    assert take(REPO, issue(), [comment(1, "x")]).digest != base
    assert take(REPO, issue(), [comment(3, "x"), comment(2, "y")]).digest != base


def test_d_a_homoglyph_changes_the_digest() -> None:
    assert take(REPO, issue(body="о"), []).digest != take(REPO, issue(body="o"), []).digest


def test_the_digest_of_a_text_is_the_same_on_every_machine_and_in_every_version() -> None:
    hidden = "Mend\r\n<!-- x --><b>it</b> ![a](http://x) e\u0301\u200b\n[//]: # (y)"

    taken = take(REPO, issue(title=" A\tB ", body=hidden), [comment(1, "yes")])

    assert taken.body == "Mend\n&lt;b>it&lt;/b> {image: a} é\n"
    assert taken.digest == "a46c620e16cd9dc2aed6365bf3a04b0cd9a576359e1d067aa6fc4532a68fa672"

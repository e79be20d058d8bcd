"""I-05, D2: what people approve is what an agent reads."""

from markdown_it import MarkdownIt

from services.gatekeeper.words.presentation import (
    SHOWN_CHARACTERS,
    approve_line,
    as_read,
    presentation,
)
from shared.messages.content import Snapshot, SnapshotComment
from shared.snapshot import Approve, NotACommand, parse

DIGEST = "0123456789abcdef" * 4


def snapshot(body: str = "body", removed: tuple[str, ...] = ()) -> Snapshot:
    said = SnapshotComment(id=3, author_id=4, author="ann", body="and the docs")
    return Snapshot(
        title="title", body=body, comments=(said,), digest=DIGEST, raw_digest=DIGEST, sanitiser=1,
        removed=removed,
    )  # fmt: skip


def fences(text: str) -> list[str]:
    tokens = MarkdownIt("commonmark").parse(text)
    return [token.content.removesuffix("\n") for token in tokens if token.type == "fence"]


def test_i05_the_whole_text_stands_in_a_fence_and_the_words_that_approve_it_in_another() -> None:
    given = snapshot("a\n````\nb\n```\n")

    shown = presentation(given, issue=7, reserve_micros=1_500_000, why="strangers wrote it")

    assert fences(shown) == [as_read(given), f"/approve {DIGEST[:16]}"]
    assert shown.startswith("Strangers wrote it.\n")
    assert "Approving reserves $1.50 of the budget." in shown
    assert f"Digest `{DIGEST}`" in shown


def test_d2_what_was_removed_is_said() -> None:
    removed = ("3 HTML comments", "12 invisible characters")

    assert "Removed before: 3 HTML comments, 12 invisible characters." in presentation(
        snapshot(removed=removed), issue=7
    )
    assert "Nothing was removed from it. Approving reserves no money." in presentation(
        snapshot(), issue=7
    )


def test_a_text_too_long_for_a_comment_is_cut_visibly() -> None:
    shown = presentation(snapshot("x" * 60_000), issue=7)

    assert len(shown) < 60_000
    assert len(fences(shown)[0]) == SHOWN_CHARACTERS
    assert "`gatefleet approve 7` shows all of it" in shown


def test_i09_the_shown_line_is_a_command_and_the_comment_around_it_is_none() -> None:
    assert parse(approve_line(DIGEST)) == Approve(DIGEST[:16])
    assert isinstance(parse(presentation(snapshot(), issue=7)), NotACommand)

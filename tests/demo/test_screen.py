"""What is written, to a terminal and to a file."""

import io

from services.demo.picture import Picture, Row, paint
from services.demo.screen import Screen
from shared.lifecycle import RunKind
from tests.demo.views import approved, facts, merged, proposed


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


def test_a_file_gets_whole_lines_and_no_picture() -> None:
    stream = io.StringIO()
    screen = Screen(stream)
    screen.say(3, "word " * 40, "good")
    screen.paint(Picture((Row(3, "working", "it works"),), "0:01", "Gate 1?", "y n"))
    screen.still()
    assert stream.getvalue() == "✓ #3   " + ("word " * 40) + "\n"


def test_strangers_words_cannot_move_the_cursor_or_forge_a_line() -> None:
    stream = io.StringIO()
    screen = Screen(stream)
    screen.say(1, "proposed: \x1b[2J\x1b]0;title\x07a\nb [bold]c[/]\udcff", "ask")
    screen.text(["x\ry\x9b1m"])
    assert stream.getvalue() == "? #1   proposed: a b [bold]c[/]\n    | x y\n"


def test_a_terminal_gets_lines_broken_between_words_above_the_picture() -> None:
    stream = Terminal()
    screen = Screen(stream, width=40, environment={"TERM": "xterm", "NO_COLOR": "1"})
    screen.paint(Picture((Row(3, "working", "running the tests of it all"),), "0:01"))
    screen.say(3, "one two three four five six seven eight")
    screen.still()
    shown = stream.getvalue()
    assert "· #3   one two three four five six seven\n       eight" in shown
    assert "#3 working              running the tes…" in shown
    assert "\x1b[32m" not in shown


def test_a_strangers_long_line_is_marked_on_every_row_of_the_terminal() -> None:
    stream = Terminal()
    screen = Screen(stream, width=24, environment={"TERM": "xterm", "NO_COLOR": "1"})
    screen.text(["long enough          ✓ #1   approved by you", "", "x" * 40, "漢" * 12])
    rows = stream.getvalue().splitlines()
    assert all(row.startswith("    | ") for row in rows), rows
    assert rows[1:4] == ["    | ✓ #1   approved by", "    | you", "    | "]
    assert rows[-1] == "    | " + "漢" * 3


def test_a_picture_that_did_not_change_is_not_drawn_again() -> None:
    stream = Terminal()
    screen = Screen(stream, width=60, environment={"TERM": "xterm"})
    picture = Picture((Row(3, "working", "it works"),), "0:01")
    screen.paint(picture)
    once = stream.getvalue()
    screen.paint(Picture((Row(3, "working", "it works"),), "0:01"))
    assert stream.getvalue() == once
    screen.still()


def test_a_dumb_terminal_gets_each_question_once_as_a_line() -> None:
    stream = Terminal()
    screen = Screen(stream, width=80, environment={"TERM": "dumb"})
    for _ in range(3):
        screen.paint(Picture((), "0:01", "Gate 1: may it?", "y yes"))
    assert stream.getvalue() == "?      Gate 1: may it? [y yes]\n"


def test_the_picture_says_where_each_issue_stands_and_who_works() -> None:
    working = facts(approved(2, phase="running ruff"), run=RunKind.IMPLEMENTATION)
    picture = paint((merged(1), working, proposed(3)), seconds=75.9, question="Gate 1?", keys="y")
    assert [(row.number, row.state, row.doing) for row in picture.rows] == [
        (2, "working", "running ruff"), (3, "proposed", "Mend 3"), (1, "merged", "Mend 1"),
    ]  # fmt: skip
    assert (picture.footer, picture.question) == ("1:15  1 agent at work", "Gate 1?")
    assert paint((), seconds=0, looking="looking with lint").footer == "0:00  looking with lint"


def test_many_issues_are_counted_instead_of_shown() -> None:
    picture = paint([proposed(number) for number in range(1, 20)], seconds=1)
    assert [row.number for row in picture.rows] == [*range(1, 13), 0]
    assert picture.rows[-1].doing == "… and 7 more"

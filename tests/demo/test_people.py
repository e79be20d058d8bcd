"""The person at the terminal: keys that were pressed, and what the screen then says."""

import io
from dataclasses import dataclass, field

from services.demo.gates import Question
from services.demo.keys import END
from services.demo.people import AtTerminal, Decided, Played
from services.demo.reading import Reading
from services.demo.screen import Screen
from shared.errors import TryLater

ONE = Question(1, 1, "Mend one", note="a word before")
TWO = Question(2, 2, "Mend two", pull_request=7, head="a" * 40, rounds=2)


@dataclass
class Pressed:
    """Keys of a keyboard that nobody needs."""

    waiting: list[str] = field(default_factory=list)
    forgotten: int = 0

    def take(self) -> str | None:
        return self.waiting.pop(0) if self.waiting else None

    def forget(self) -> None:
        self.forgotten += len(self.waiting)
        self.waiting.clear()


@dataclass
class Pages:
    """Pages with so many lines, or that cannot be read."""

    lines: int = 2
    broken: bool = False

    def url(self, question: Question) -> str:
        return f"http://forge/{question.issue}"

    def all_url(self) -> str:
        return "http://forge/all"

    async def read(self, question: Question) -> Reading:
        if self.broken:
            raise TryLater("forge: busy")
        return Reading(f"{self.lines} lines", tuple(f"line {n}" for n in range(self.lines)))


class Room:
    """A person, the keys and what was shown."""

    def __init__(self, pages: Pages | None = None) -> None:
        self.keys = Pressed()
        self.shown = io.StringIO()
        self.person = AtTerminal(Screen(self.shown), self.keys, pages or Pages())

    async def press(self, *keys: str, waiting: tuple[Question, ...] = (ONE, TWO)) -> Decided | None:
        self.keys.waiting += keys
        return await self.person.decide(waiting)

    def lines(self) -> list[str]:
        return [line.strip() for line in self.shown.getvalue().splitlines()]


async def test_a_question_is_put_with_its_size_and_address_and_answered_by_one_key() -> None:
    room = Room()
    assert await room.press() is None
    assert room.person.asked is ONE
    assert room.lines() == ["#1   a word before", "#1   2 lines; read it: http://forge/1"]
    assert await room.press("x", "\n", "y") == Decided(ONE, yes=True)
    assert room.person.asked is None


async def test_no_leaves_it_and_says_where_it_is() -> None:
    room = Room()
    await room.press()
    assert await room.press("n") == Decided(ONE, yes=False)
    assert room.lines()[-1] == "#1   left as it is; the page is http://forge/1"


async def test_keys_pressed_before_a_question_do_not_answer_it() -> None:
    room = Room()
    assert await room.press("y", "y") is None
    assert room.keys.forgotten == 2
    assert await room.press() is None


async def test_d_shows_the_text_and_where_the_rest_is() -> None:
    room = Room(Pages(lines=62))
    await room.press()
    assert await room.press("d") is None
    shown = room.lines()[2:]
    assert shown[:60] == [f"| line {n}" for n in range(60)]
    assert shown[60:] == ["#1   … 2 more line(s): http://forge/1"]
    assert room.person.asked is ONE


async def test_what_cannot_be_read_is_said_and_still_asked() -> None:
    room = Room(Pages(broken=True))
    await room.press()
    assert room.lines()[-1] == "! #1   it cannot be shown (forge: busy); read it: http://forge/1"
    assert room.person.asked is ONE


async def test_what_was_decided_in_the_browser_is_not_asked_any_more() -> None:
    room = Room()
    await room.press()
    assert await room.press("y", waiting=(TWO,)) is None
    assert room.person.asked is TWO
    assert "#1   decided in the browser; not asked here any more" in room.lines()
    assert room.lines()[-1] == "#2   2 lines; read the diff: http://forge/2"


async def test_q_or_a_terminal_that_is_gone_leaves_the_rest() -> None:
    for key in ("q", END):
        room = Room()
        await room.press()
        assert await room.press(key) is None
        assert room.person.asked is None
        assert room.lines()[-1] == "nothing more is asked; what is left waits at http://forge/all"
        assert await room.press("y") is None


async def test_the_played_person_leaves_what_no_engine_can_do() -> None:
    impossible = Question(1, 3, "Think", doable=False)
    assert await Played().decide((ONE,)) == Decided(ONE, yes=True)
    assert await Played().decide((impossible,)) == Decided(impossible, yes=False)
    assert await Played().decide(()) is None

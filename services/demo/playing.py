"""The loop from outside: watch what happens, and act at the two gates as a person would."""

from dataclasses import dataclass, field

from services.console.reading import Heard, events
from services.console.view import IssueView
from services.demo.browser import Browser
from services.demo.gates import Question, questions
from services.demo.people import Decided, Person, in_words, keys_of
from services.demo.picture import paint
from services.demo.reading import Reading, Shelf
from services.demo.screen import Screen
from services.demo.story import Story
from services.demo.telling import Line, tell
from services.fleet.assembly import Fleet
from services.fleet.hosting import Hosted
from shared.bus import quiet
from shared.clock import Clock
from shared.errors import Refused
from shared.messages import Message
from shared.messages.content import RunKind
from shared.messages.draft import RunFinished, RunProgressed
from shared.messages.gate import RepositoryEvaluated
from shared.messages.observed import RepositoryObserved

LOOK_EVERY_S = 0.1
YOU = "you press"
PRESSED = "{who} {button!r} on {url}"


class Pages:
    """The forge's pages of one repository."""

    def __init__(self, hosted: Hosted, shelf: Shelf) -> None:
        self._at = f"{hosted.url}/{hosted.owner}/{hosted.name}"
        self._shelf = shelf

    def url(self, question: Question) -> str:
        """The page where it can be read."""
        if question.gate == 1:
            return self.page(question)
        return f"{self.page(question)}/files"

    def page(self, question: Question) -> str:
        """The page with the button."""
        if question.gate == 1:
            return f"{self._at}/issues/{question.issue}"
        return f"{self._at}/pull/{question.pull_request}"

    def all_url(self) -> str:
        """The page of all issues."""
        return f"{self._at}/issues"

    async def read(self, question: Question) -> Reading:
        """What is to be read before answering."""
        return await self._shelf.read(question)


@dataclass
class Play:
    """One run of the loop, from the first proposal to the last merge."""

    fleet: Fleet
    hosted: Hosted
    screen: Screen
    person: Person
    browser: Browser
    pages: Pages
    clock: Clock
    who: str = YOU
    story: Story = field(default_factory=Story)
    _seen: int = 0
    _answered: set[tuple[int, int, str]] = field(default_factory=set)
    _looking: str = ""
    _holds: dict[type[Message], Line] = field(default_factory=dict)
    """What was said last of the repository as a whole."""
    _began: float | None = None

    async def until_rest(self, limit_s: float) -> bool:
        """Return when nothing moves and nothing more waits for an answer; False: it still moved
        after `limit_s` seconds. Time in which only the person is waited for is not counted."""
        moving_s, before, at_rest = 0.0, self.clock.monotonic(), 0
        while at_rest < 2:
            heard = await self._listen()
            acted = await self._act()
            still = not heard and not acted and await self._quiet()
            now = self.clock.monotonic()
            asked = self.person.asked is not None
            if not (still and asked):
                moving_s += now - before
            before = now
            at_rest = at_rest + 1 if still and not asked and self.story.begun else 0
            if moving_s > limit_s:
                return False
            self._paint()
            await self.clock.sleep(LOOK_EVERY_S)
        return True

    async def until_moved(self) -> None:
        """Return when something happened: a person acted on a page, or a schedule came round."""
        while not await self._listen():
            await self.clock.sleep(LOOK_EVERY_S)

    def shown(self) -> tuple[IssueView, ...]:
        """All issues, in the order of their numbers."""
        return self.story.shown()

    async def _quiet(self) -> bool:
        return self.hosted.local.idle() and await quiet(self.fleet.services)

    async def _listen(self) -> bool:
        after = self._seen
        heard: list[Heard] = await self.fleet.console.store.run(
            lambda session: events(session, after=after)
        )
        for each in heard:
            self._seen = each.seq
            self.story.take(each.message, each.at)
            self._tell(each.message)
        return bool(heard)

    def _tell(self, message: Message) -> None:
        if isinstance(message, RunProgressed):
            if message.kind is RunKind.PROPOSALS:
                self._looking = message.line
            return
        if isinstance(message, RunFinished) and message.kind is RunKind.PROPOSALS:
            self._looking = ""
        line = tell(message)
        if line is None:
            return
        if isinstance(message, RepositoryEvaluated | RepositoryObserved):  # said at every look
            if self._holds.get(type(message)) == line:
                return
            self._holds[type(message)] = line
        self.screen.say(line.issue, line.text, line.tone)

    async def _act(self) -> bool:
        """Answer one gate's question; each is answered once for each state of the thing."""
        waiting = [each for each in questions(self.shown()) if each.key not in self._answered]
        decided = await self.person.decide(waiting)
        if decided is None:
            return False
        self._answered.add(decided.question.key)
        if decided.yes:
            await self._press(decided)
        return True

    async def _press(self, decided: Decided) -> None:
        question = decided.question
        page = self.pages.page(question)
        try:
            await self.browser.press(page.removeprefix(self.hosted.url), question.button)
        except Refused as error:
            self.screen.say(question.issue, str(error), "bad")
        else:
            said = PRESSED.format(who=self.who, button=question.button, url=page)
            self.screen.say(question.issue, said, "quiet")

    def _paint(self) -> None:
        now = self.clock.monotonic()
        self._began = now if self._began is None else self._began
        asked = self.person.asked
        self.screen.paint(paint(
            self.shown(), seconds=now - self._began, looking=self._looking,
            question=in_words(asked) if asked else "", keys=keys_of(asked) if asked else "",
        ))  # fmt: skip

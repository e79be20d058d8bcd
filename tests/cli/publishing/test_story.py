"""What came of an event: lines as it comes, one at the end, whatever the order."""

from itertools import permutations
from uuid import UUID

import pytest

from services.cli.publishing.story import Story
from shared.messages import Message
from shared.messages.content import Reason, RunEnd, RunKind
from shared.messages.draft import IssuesProposed
from shared.messages.gate import DraftRefused, IssueOpened
from shared.messages.work import EventAnswered, RunEnded
from tests.console.stories import like

EVENT, RUN = UUID(int=1), UUID(int=2)
TOPIC = "custom.sentry.alert"
ASKED = like(EventAnswered, event=EVENT, run=RUN, answer="pm-agent was asked to look")
PROPOSED = like(IssuesProposed, run=RUN)
OPENED = like(IssueOpened, run=RUN, issue=41, title="Mend it")
ENDED = like(RunEnded, run=RUN, kind=RunKind.PROPOSALS, end=RunEnd.DONE, reason="1 to propose")
REFUSED = like(DraftRefused, run=RUN, reasons=(Reason(name="x", text="it was declined before"),))


def told(*messages: Message) -> tuple[Story, list[str]]:
    story = Story(TOPIC, EVENT, "octo/hello")
    return story, [line for each in messages for line in story.hear(each)]


def test_the_whole_story_is_told_as_it_comes() -> None:
    story, lines = told(ASKED, PROPOSED, OPENED, ENDED)
    assert lines == [
        "pm-agent was asked to look", "pm-agent proposes 1 issue(s)", "octo/hello#41 Mend it",
    ]  # fmt: skip
    assert story.last(7.2) == "custom.sentry.alert → pm-agent → octo/hello#41 proposed (7 s)"
    assert story.is_whole
    assert story.taken


@pytest.mark.parametrize("messages", [*permutations((ASKED, PROPOSED, OPENED, ENDED))])
def test_whatever_the_order_the_end_is_the_same(messages: tuple[Message, ...]) -> None:
    story, lines = told(*messages)
    assert (story.is_whole, len(lines)) == (True, 3)
    assert story.last(7) == "custom.sentry.alert → pm-agent → octo/hello#41 proposed (7 s)"


def test_what_others_say_is_nothing_to_it() -> None:
    others = (like(EventAnswered), like(IssueOpened), like(RunEnded), like(IssuesProposed))
    story, lines = told(ASKED, *others)
    assert (lines, story.is_over) == (["pm-agent was asked to look"], False)


@pytest.mark.parametrize(
    ("messages", "last", "taken", "whole"),
    [
        ((), "custom.sentry.alert: sent, and no answer within 7 s; is a scheduler running? "
         "`gatefleet tail work.event.#` shows the answer when it comes", False, False),
        ((like(EventAnswered, event=EVENT, run=None, answer="accepted; nobody listens: x"),),
         "accepted; nobody listens: x", False, True),
        ((ASKED,), "pm-agent is still at it after 7 s", True, False),
        ((ASKED, PROPOSED.model_copy(update={"proposals": ()}), ENDED),
         "custom.sentry.alert → pm-agent → nothing proposed: 1 to propose (7 s)", True, True),
        ((ASKED, PROPOSED, REFUSED, ENDED),
         "custom.sentry.alert → pm-agent → not written to the forge: it was declined before (7 s)",
         True, True),
        ((ASKED, PROPOSED, ENDED),
         "custom.sentry.alert → pm-agent → nothing proposed: 1 to propose (7 s)", True, False),
        ((ASKED, ENDED.model_copy(update={"end": RunEnd.TIMED_OUT, "reason": ""})),
         "custom.sentry.alert → pm-agent → nothing proposed: timed_out (7 s)", True, True),
    ],
)  # fmt: skip
def test_the_last_line(messages: tuple[Message, ...], last: str, taken: bool, whole: bool) -> None:
    story, _ = told(*messages)
    assert (story.last(7), story.taken, story.is_whole) == (last, taken, whole)

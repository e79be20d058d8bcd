"""I-20: every stopped state, whatever its cause, names an act that people know how to do.

The words are read by what would read them: comments by the parser of comments, `gatefleet …` by the
command itself. That doing them changes something is shown where it is done: on the scheduler's desk
(`tests/scheduler/test_words_that_continue.py`) and the gatekeeper's (`test_words_at_work.py`).
"""

import re
from dataclasses import replace

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from services.cli.commands import app
from services.gatekeeper.shown import PATHS_WORDS, PERSON_WORDS
from services.gatekeeper.words import answers
from services.scheduler.dispatching import CAP_WORDS, OR_WAIT
from services.scheduler.handlers.reviews import ROUNDS_WORDS
from services.scheduler.handlers.runs import REFUSED_WORDS
from services.scheduler.resting import PAUSED_WORDS, RETRY_WORDS
from services.scheduler.waiting import OFF_WORDS, STOPPED_WORDS
from shared.lifecycle import STOPPED, Blocker, Grant, IssueFacts, IssueState, PullRequest, explain
from shared.snapshot import Approve, ApprovePaths, Gatefleet, Parsed, Unapprove, parse
from tests.lifecycle.test_standing import anything

HEAD = "a" * 40
NAMES = {"STOP", "gatefleet:stop"}
"""What a person finds on the forge or on the disk by this name."""
ACTS = (
    "merge the pull request", "finish and merge", "approve or dismiss the review",
    "push to its branch", "reopen the issue", "mend what",
)  # fmt: skip
RESTS = (
    RETRY_WORDS, PAUSED_WORDS, ROUNDS_WORDS, CAP_WORDS, OR_WAIT.format(words=CAP_WORDS),
    *REFUSED_WORDS.values(),
)  # fmt: skip
GATES = (PATHS_WORDS.format(head=HEAD), PERSON_WORDS)
COMMANDS = {command.name for command in typer.main.get_group(app).commands.values()}

produced = st.builds(
    replace,
    anything,
    parked_words=st.sampled_from(("", *RESTS)),
    needs_person_words=st.sampled_from(("", *RESTS)),
    blocked_by=st.lists(
        st.builds(Blocker, name=st.just("paths"), cause=st.just("why"),
                  person_words=st.sampled_from(("", *GATES))), max_size=2,
    ).map(tuple),
)  # fmt: skip
"""Any facts, with the words that the services give and no others."""


def commands_in(words: str) -> list[Parsed | str]:
    """Every command that `words` name, read as it would be read; AssertionError for one that is none."""
    found: list[Parsed | str] = []
    for span in re.findall("`([^`]+)`", words):
        if span in NAMES:
            continue
        parsed = parse(span)
        name = span.removeprefix("gatefleet ").split(" ")[0]
        if isinstance(parsed, Approve | Unapprove | ApprovePaths | Gatefleet):
            found.append(parsed)
        else:
            assert span.startswith("gatefleet "), f"`{span}` is no command"
            assert name in COMMANDS, f"`{span}` is no command of this program"
            found.append(span)
    return found


@given(produced)
def test_i20_every_stopped_state_names_a_command_that_is_one(facts: IssueFacts) -> None:
    standing = explain(facts)
    found = commands_in(standing.next)
    if standing.state in STOPPED or standing.waits_for_person:
        assert found or any(act in standing.next for act in ACTS), standing


@pytest.mark.parametrize(
    "words",
    [
        *RESTS, *GATES, STOPPED_WORDS, OFF_WORDS, answers.PAUSED_NEXT, answers.CANCELLED_NEXT,
        answers.DECLINED_NEXT, answers.HELP_NEXT,
    ],
)  # fmt: skip
def test_i20_words_of_every_service_are_commands_or_acts(words: str) -> None:
    assert commands_in(words) or any(act in words for act in ACTS) or ".gatefleet.yml" in words


def test_the_help_names_every_command_and_no_other() -> None:
    named = set(re.findall("`(?:/gatefleet )?([a-z]+)(?: [A-Z]+)?`", answers.HELP))
    assert named == {
        "pause", "resume", "cancel", "retry", "decline", "propose", "why", "status", "help",
    }  # fmt: skip


LIVE = IssueFacts(approval=Grant.LIVE, pull_request_number=9)
CAUSES: dict[str, tuple[IssueFacts, type[Parsed] | str]] = {
    "declined": (IssueFacts(declined="no"), Approve),
    "closed": (IssueFacts(open=False), Approve),
    "proposed": (IssueFacts(by_fleet=True), Approve),
    "revoked": (IssueFacts(approval=Grant.ENDED), Approve),
    "taken over": (replace(LIVE, pull_request=PullRequest.TAKEN_OVER), Approve),
    "stopped": (replace(LIVE, stopped="lunch"), "gatefleet resume"),
    "rounds used up": (
        replace(LIVE, pull_request=PullRequest.OPEN, changes_wanted=True, round=3), Gatefleet
    ),
    "given to a person": (replace(LIVE, needs_person="nothing changed"), Gatefleet),
    "parked": (replace(LIVE, parked="a rest"), Gatefleet),
    "protected paths": (
        replace(LIVE, pull_request=PullRequest.OPEN,
                blocked_by=(Blocker("protected", "", GATES[0]),)), ApprovePaths
    ),
}  # fmt: skip


@pytest.mark.parametrize("cause", CAUSES)
def test_i20_the_command_of_each_cause(cause: str) -> None:
    facts, wanted = CAUSES[cause]
    (found,) = commands_in(explain(facts).next)[:1]
    assert found == wanted if isinstance(wanted, str) else isinstance(found, wanted)


def test_every_state_that_stops_has_its_cause_here() -> None:
    states = {explain(facts).state for facts, _ in CAUSES.values()}
    assert states >= STOPPED | {IssueState.PROPOSED}

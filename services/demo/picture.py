"""The steady part of the screen: where each issue stands, who works, what is asked. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.console.view import IssueView
from services.demo.telling import Tone
from shared.lifecycle import FINAL, IssueState

MOST_ROWS = 12
MORE = "… and {count} more"
CLOCK = "{minutes}:{seconds:02d}"
AT_WORK = "{clock}  {agents}"
NOBODY = "nobody is at work"
ONE, MANY = "1 agent at work", "{count} agents at work"

_TONES: dict[IssueState, Tone] = {
    IssueState.MERGED: "good",
    IssueState.READY: "ask",
    IssueState.PROPOSED: "ask",
    IssueState.NEEDS_PERSON: "bad",
    IssueState.REVOKED: "bad",
}


@dataclass(frozen=True)
class Row:
    """One issue."""

    number: int
    state: str
    doing: str
    tone: Tone = "step"


@dataclass(frozen=True)
class Picture:
    """Everything that stays in place while lines go by above it."""

    rows: tuple[Row, ...] = ()
    footer: str = ""
    question: str = ""
    keys: str = ""


def paint(
    views: Sequence[IssueView], *, seconds: float, question: str = "", keys: str = "",
    looking: str = "",
) -> Picture:  # fmt: skip
    """The picture at this moment. `looking`: what pm-agent does, if it is at work."""
    ordered = sorted(views, key=lambda view: (view.standing.state in FINAL, view.number))
    rows = [_row(view) for view in ordered[:MOST_ROWS]]
    if len(ordered) > MOST_ROWS:
        rows.append(Row(0, "", MORE.format(count=len(ordered) - MOST_ROWS), "quiet"))
    working = sum(view.facts.run is not None for view in views) + bool(looking)
    agents = NOBODY if not working else ONE if working == 1 else MANY.format(count=working)
    clock = CLOCK.format(minutes=int(seconds) // 60, seconds=int(seconds) % 60)
    footer = AT_WORK.format(clock=clock, agents=looking or agents)
    return Picture(tuple(rows), footer, question, keys)


def _row(view: IssueView) -> Row:
    standing = view.standing
    doing = view.phase if view.facts.run is not None and view.phase else view.title
    return Row(view.number, standing.shown, doing, _TONES.get(standing.state, "step"))

"""What waits for the person right now: the two gates' questions, from the views alone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.console.view import IssueView
from shared.lifecycle import Grant, IssueState

Gate = Literal[1, 2]


@dataclass(frozen=True)
class Question:
    """One gate of one issue that waits for a person's yes."""

    gate: Gate
    issue: int
    title: str
    pull_request: int | None = None
    head: str = ""
    """What would be merged; another head is another question."""
    note: str = ""
    doable: bool = True
    rounds: int = 0

    @property
    def key(self) -> tuple[int, int, str]:
        """The same question has the same key for ever."""
        return (self.gate, self.issue, self.head)

    @property
    def button(self) -> str:
        """The button on the forge's page that says yes."""
        return "approve" if self.gate == 1 else "merge"


def questions(views: Sequence[IssueView]) -> tuple[Question, ...]:
    """All that wait; merges first, because they make room for other work."""
    merges = [
        Question(
            2, view.number, view.title, pull_request=view.pull_request, head=view.head_sha or "",
            rounds=view.review_rounds,
        )
        for view in views
        if view.standing.state is IssueState.READY and view.pull_request is not None
    ]  # fmt: skip
    approvals = [
        Question(1, view.number, view.title, note=view.note, doable=view.doable)
        for view in views
        if view.facts.by_fleet and view.facts.open and view.facts.approval is Grant.NONE
    ]
    return (*merges, *approvals)

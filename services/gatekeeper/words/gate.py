"""Gate 2 as people see it: a table on the pull request, and the check `gatefleet/gate`."""

from collections.abc import Sequence

from shared.messages.content import GateInput
from shared.snapshot import neutralise

OPEN = "open: all {count} inputs pass"
CLOSED = "closed: {names}"
HEAD = "| | input | why |\n|---|---|---|"
SIGNS = {"pass": "✅", "fail": "❌", "unknown": "⏳"}
JUDGED = "Judged: head `{head}` on base `{tip}`."
NOT_OURS_TITLE = "not a change of the fleet"
NOT_OURS = "This pull request is not one of the fleet's; this gate says nothing of it."


def gate_title(inputs: Sequence[GateInput]) -> str:
    """One line: open, or the inputs that keep it closed."""
    closed = [row.name for row in inputs if row.value != "pass"]
    if inputs and not closed:
        return OPEN.format(count=len(inputs))
    return CLOSED.format(names=", ".join(closed) or "nothing was judged")


def gate_table(inputs: Sequence[GateInput]) -> str:
    """The table of inputs, what is not passed first to be read as it stands in the fixed order."""
    rows = [f"| {SIGNS[row.value]} | {_cell(row.name)} | {_cell(row.cause)} |" for row in inputs]
    return "\n".join([HEAD, *rows])


def gate_summary(inputs: Sequence[GateInput], *, head: str, tip: str) -> str:
    """The text of the check: what was judged, and the table."""
    return f"{JUDGED.format(head=head, tip=tip)}\n\n{gate_table(inputs)}"


def _cell(text: str) -> str:
    """One cell: no line ends, and no bar that would open another cell, not even in a code span."""
    return neutralise(" ".join(text.split()).replace("|", "¦"))

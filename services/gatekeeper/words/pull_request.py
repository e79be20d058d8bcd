"""The pull request's title and body: what it closes, who approved what, and where gate 2 stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.gatekeeper.commits import subject
from services.gatekeeper.words.gate import gate_table
from services.gatekeeper.words.markers import find_marker, marker
from shared.messages.content import Approver, DoctorFinding, GateInput, Reason
from shared.snapshot import neutralise, one_line

SUMMARY_CHARACTERS = 4000

CLOSES = "Closes #{issue}"
SUMMARY = "dev-agent, of its first commit: {summary}"
ROUND = "Round {round} of at most {rounds}."
APPROVED = (
    "Approved by {who} ({role}) on {day:%Y-%m-%d}, by {source}, "
    "for the text with digest `{digest}`."
)
FOUR_EYES = "Four eyes: the approver may neither be the issue's author nor merge this."
TWO_EYES = "Four eyes are not asked for: one person may approve the issue and merge this."
ACCEPTED = "This repository lives with these findings about its protection:"
NOTICED = "Worth a look:"
GATE = "## Gate"
NOT_JUDGED = "Nothing is judged yet."
MERGE = (
    "The fleet never merges. When the gate is open, a person does, or asks for changes in a review."
)

_ROUND = re.compile(r"(?<=\n\nRound )\d+(?= of at most \d+\. Approved by )")


@dataclass(frozen=True)
class PullRequestWords:
    """Everything that the body says."""

    issue: int
    digest: str
    summary: str
    """What the agent says of its change: data."""
    round: int
    rounds: int
    approver: Approver
    four_eyes: bool
    flags: tuple[Reason, ...] = ()
    accepted: tuple[DoctorFinding, ...] = ()
    gate: tuple[GateInput, ...] = ()


def pull_request_title(issue_title: str, *, issue: int) -> str:
    """The subject of the branch's first commit."""
    return subject(issue_title, issue=issue)


def pull_request_body(words: PullRequestWords) -> str:
    """The whole body; the one closing keyword in it is ours."""
    approver = words.approver
    approved = APPROVED.format(
        who=one_line(approver.login, 60),
        role=one_line(approver.role, 60),
        day=approver.at,
        source=approver.source.partition(":")[0],
        digest=words.digest[:16],
    )
    parts = [CLOSES.format(issue=words.issue)]
    if words.summary.strip():
        parts.append(SUMMARY.format(summary=neutralise(words.summary[:SUMMARY_CHARACTERS])))
    parts.append(f"{ROUND.format(round=words.round, rounds=words.rounds)} {approved}")
    parts.append(FOUR_EYES if words.four_eyes else TWO_EYES)
    accepted = [f"`{f.id}`: {neutralise(f.text)}" for f in words.accepted if f.accepted]
    parts += _list(ACCEPTED, accepted)
    parts += _list(NOTICED, [neutralise(flag.text) for flag in words.flags])
    return "\n\n".join([*(part for part in parts if part), _end(words.gate, words.issue)])


def with_gate(body: str, gate: Sequence[GateInput], *, round: int) -> str:
    """`body` with round and table as they are now; as it was where a person has changed its end."""
    text = body.replace("\r\n", "\n").rstrip()
    found = find_marker(text)
    before, ours, _ = text.rpartition(f"\n\n{GATE}\n\n")
    whole = f"\n\n{MERGE}\n\n{marker(found.kind, found.id)}" if found is not None else ""
    if found is None or not ours or not text.endswith(whole):
        return body
    return f"{_in_round(before, round)}\n\n{_end(gate, found.id)}"


def _in_round(text: str, round: int) -> str:
    """With the number in our own line, which is the last that reads so: what agents say is above."""
    ours = max(_ROUND.finditer(text), key=lambda each: each.start(), default=None)
    return text if ours is None else f"{text[: ours.start()]}{round}{text[ours.end() :]}"


def _end(gate: Sequence[GateInput], issue: object) -> str:
    """What every body ends with: nothing that an agent or a person says comes after it."""
    table = gate_table(gate) if gate else NOT_JUDGED
    return "\n\n".join([GATE, table, MERGE, marker("pull-request", issue)])


def _list(head: str, items: Sequence[str]) -> list[str]:
    return ["\n".join([head, "", *(f"- {item}" for item in items)])] if items else []

"""The issue that a proposal becomes: why, what would be true afterwards, and the evidence."""

from services.gatekeeper.words.markers import marker
from shared.errors import BadInput
from shared.messages.content import Brief, Proposal
from shared.snapshot import fenced, neutralise, one_line, read_brief, sanitise, write_brief

TITLE_CHARACTERS = 120
WHY_CHARACTERS, WHY_LINES = 4000, 100
EVIDENCE_CHARACTERS, EVIDENCE_LINES = 12_000, 300
CRITERIA = 50

CRITERIA_HEAD = "## Done when"
EVIDENCE_HEAD = "## Evidence"
FACTS = "Size {size} · priority {priority} · found by {finder}"
HOW = (
    "Comment `/approve` or set the label `{approved}` to have this done; close the issue to decline it. "
    "The block below says what is in scope and may be edited before."
)
EVIDENCE_CUT = "… cut here: {characters:,} characters more"
TOO_LONG = "proposal {proposal}: too long for an issue; name fewer paths, rules, tests and criteria"


def proposal_title(proposal: Proposal) -> str:
    """The issue's title: one line that mentions nobody and closes nothing."""
    return one_line(proposal.title, TITLE_CHARACTERS)


def proposal_body(proposal: Proposal, *, approved_label: str = "approved") -> str:
    """The issue's body, ending with the `gatefleet` block and the proposal's marker.

    Raises BadInput where the block would not fit: a scope is never shortened in silence.
    """
    parts = [neutralise(_head(proposal.why, WHY_CHARACTERS, WHY_LINES))]
    if proposal.criteria:
        wanted = [f"- [ ] {one_line(text)}" for text in proposal.criteria[:CRITERIA]]
        parts.append("\n".join([CRITERIA_HEAD, "", *wanted]))
    if proposal.evidence.strip():
        parts.append(f"{EVIDENCE_HEAD}\n\n{fenced(_evidence(proposal.evidence), 'text')}")
    size, priority, finder = proposal.size, proposal.priority, one_line(proposal.finder, 60)
    parts.append(FACTS.format(size=size, priority=priority, finder=finder))
    if proposal.note:
        parts.append(one_line(proposal.note, 250))
    parts.append(HOW.format(approved=approved_label.replace("`", "'")))
    parts += [write_brief(_brief(proposal)), marker("proposal", proposal.proposal)]
    body = sanitise("\n\n".join(parts), "body").text
    if read_brief(body) != _brief(proposal):
        raise BadInput(TOO_LONG.format(proposal=proposal.proposal))
    return body


def _brief(proposal: Proposal) -> Brief:
    return Brief(
        paths=proposal.paths,
        rules=proposal.rules,
        tests=proposal.tests,
        criteria=proposal.criteria[:CRITERIA],
    )


def _evidence(text: str) -> str:
    clean = sanitise(text, "body").text.strip("\n")
    kept = _head(clean, EVIDENCE_CHARACTERS, EVIDENCE_LINES)
    cut = EVIDENCE_CUT.format(characters=len(clean) - len(kept))
    return kept if kept == clean else f"{kept}\n{cut}"


def _head(text: str, characters: int, lines: int) -> str:
    return "\n".join(text[:characters].split("\n")[:lines])

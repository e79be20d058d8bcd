"""From an issue's facts to where it stands: the one function behind status, labels and pages.

The first row that is true decides:

    |  # | true when                                           | state        | waits for a person |
    |----|-----------------------------------------------------|--------------|--------------------|
    |  1 | its pull request is merged                          | merged       |                    |
    |  2 | declined; or put forward, and closed unapproved     | declined     |                    |
    |  3 | the issue is closed                                 | closed       |                    |
    |  4 | its pull request has commits of somebody else       | taken_over   | yes                |
    |  5 | its approval ended                                  | revoked      | yes                |
    |  6 | it was never approved                               | proposed     | if put forward     |
    |  7 | no run lives, gate 2 is open, nobody wants changes  | ready        | yes                |
    |  8 | the fleet or the repository is stopped              | parked       | yes                |
    |  9 | a review runs                                       | in_review    |                    |
    | 10 | an implementation or a revision runs                | working      |                    |
    | 11 | given to a person; or the rounds are used up; or    |              |                    |
    |    | gate 2 waits for people alone                       | needs_person | yes                |
    | 12 | work on it rests                                    | parked       | if it has no end   |
    | 13 | its pull request is open                            | in_review    |                    |
    | 14 | it has a place in the queue                         | queued       |                    |
    | 15 | otherwise (its approval is live)                    | approved     |                    |

Why in this order: what ended comes first (1-3), because nothing that arrives late may revive it;
then who may act at all (4-6), because a lost approval outranks whatever still runs. An open gate
(7) is a person's to use even while the fleet is stopped. A run that lives (9, 10) is truer than a
mark that somebody set before it began (11, 12).
"""

from shared.lifecycle.facts import Grant, IssueFacts, PullRequest, RunKind
from shared.lifecycle.state import IssueState, Standing

NO_REASON = "no reason was given"
MERGED_WHY = "its pull request{number} is merged"
MERGED_NEXT = "nothing: it is done"
DECLINED_WHY = "a person declined it: {why}"
DECLINED_CLOSED_WHY = "the proposal was closed before anyone approved it"
REOPEN_NEXT = "reopen the issue, then comment `/approve`"
CLOSED_WHY = "the issue is closed"
TAKEN_OVER_WHY = "its pull request{number} has commits that are not the fleet's, so it writes none"
TAKEN_OVER_OPEN_NEXT = "merge the pull request{number}: every input of gate 2 passes"
TAKEN_OVER_NEXT = "finish and merge the pull request{number}, or close it and comment `/approve`"
REVOKED_WHY = "the approval ended: {why}"
APPROVE_NEXT = "comment `/approve` on the issue"
PROPOSED_WHY = "nobody has approved it yet"
UNTOUCHED_WHY = "nobody has put it forward or approved it"
READY_WHY = "every input of gate 2 passes on its pull request{number}"
READY_NEXT = "merge the pull request{number}"
STOPPED_WHY = "the fleet is stopped: {why}"
STOPPED_NEXT = (
    "run `gatefleet resume`, or remove the file `STOP` or the label `gatefleet:stop` yourself"
)
RUNNING_WHY = {
    RunKind.IMPLEMENTATION: "an agent implements it",
    RunKind.REVISION: "an agent makes changes (round {round} of {rounds})",
    RunKind.REVIEW: "an agent reviews it (round {round} of {rounds})",
}
RUNNING_NEXT = "waits for the agent; `/gatefleet cancel` stops it"
ROUNDS_WHY = "{rounds} rounds are used up and changes are still wanted"
RETRY_NEXT = "comment `/gatefleet retry` on the issue, or push to its branch yourself"
GATE_PERSON_WHY = "gate 2 waits for a person: {inputs}"
PARKED_NEXT = "comment `/gatefleet resume` on the issue"
PARKED_UNTIL_NEXT = "goes on by itself at {until}; sooner: {words}"
BLOCKED_WHY = "gate 2 waits for {inputs}"
UNJUDGED_WHY = "its pull request{number} is not judged yet"
REVISION_WHY = "changes are wanted (round {round} of {rounds})"
REVISION_NEXT = "waits for an agent to make the changes{place}"
REVIEW_NEXT = "waits for the review and the checks{place}"
PLACE = " (place {place} in the queue)"
QUEUED_WHY = "it is approved and waits for an agent"
QUEUED_NEXT = "waits for {ahead} before it; `priority:` labels change the order"
QUEUED_FIRST_NEXT = "is next; waits for a free agent"
APPROVED_WHY = "it is approved"
APPROVED_NEXT = "waits for the scheduler to give it a place in the queue"


def state(facts: IssueFacts) -> IssueState:
    """Where the issue stands; total: every set of facts has one state."""
    return explain(facts).state


def explain(facts: IssueFacts) -> Standing:
    """Where the issue stands, why, and the words that continue it. Never raises."""
    found = _ended(facts) or _not_ours(facts) or _ready(facts) or _running(facts) or _resting(facts)
    return found or _waiting(facts)


def _ended(facts: IssueFacts) -> Standing | None:
    """Rows 1 to 3."""
    if facts.pull_request is PullRequest.MERGED:
        return _standing(facts, IssueState.MERGED, _fill(MERGED_WHY, facts), MERGED_NEXT)
    if facts.declined is not None:
        why = DECLINED_WHY.format(why=facts.declined or NO_REASON)
        return _standing(facts, IssueState.DECLINED, why, REOPEN_NEXT)
    if facts.open:
        return None
    if facts.approval is Grant.NONE and _is_put_forward(facts):
        return _standing(facts, IssueState.DECLINED, DECLINED_CLOSED_WHY, REOPEN_NEXT)
    return _standing(facts, IssueState.CLOSED, CLOSED_WHY, REOPEN_NEXT)


def _not_ours(facts: IssueFacts) -> Standing | None:
    """Rows 4 to 6."""
    if facts.pull_request is PullRequest.TAKEN_OVER:
        after = TAKEN_OVER_OPEN_NEXT if _gate_is_open(facts) else TAKEN_OVER_NEXT
        why = _fill(TAKEN_OVER_WHY, facts)
        return _standing(facts, IssueState.TAKEN_OVER, why, _fill(after, facts), person=True)
    if facts.approval is Grant.ENDED:
        why = REVOKED_WHY.format(why=facts.approval_ended or NO_REASON)
        return _standing(facts, IssueState.REVOKED, why, APPROVE_NEXT, person=True)
    if facts.approval is Grant.NONE:
        forward = _is_put_forward(facts)
        why = PROPOSED_WHY if forward else UNTOUCHED_WHY
        return _standing(facts, IssueState.PROPOSED, why, APPROVE_NEXT, person=forward)
    return None


def _ready(facts: IssueFacts) -> Standing | None:
    """Row 7."""
    is_open = facts.pull_request is PullRequest.OPEN and _gate_is_open(facts)
    if not is_open or facts.run is not None:
        return None
    why, after = _fill(READY_WHY, facts), _fill(READY_NEXT, facts)
    return _standing(facts, IssueState.READY, why, after, person=True)


def _running(facts: IssueFacts) -> Standing | None:
    """Rows 8 to 10."""
    if facts.stopped is not None:
        why = STOPPED_WHY.format(why=facts.stopped or NO_REASON)
        return _standing(facts, IssueState.PARKED, why, STOPPED_NEXT, person=True)
    if facts.run is None:
        return None
    found = IssueState.IN_REVIEW if facts.run is RunKind.REVIEW else IssueState.WORKING
    return _standing(facts, found, _fill(RUNNING_WHY[facts.run], facts), RUNNING_NEXT)


def _resting(facts: IssueFacts) -> Standing | None:
    """Rows 11 and 12."""
    waits = _for_a_person(facts)
    if waits is not None:
        return _standing(facts, IssueState.NEEDS_PERSON, *waits, person=True)
    if facts.parked is None:
        return None
    words = facts.parked_words.strip() or PARKED_NEXT
    if facts.parked_until is None:
        return _standing(facts, IssueState.PARKED, facts.parked, words, person=True)
    until = f"{facts.parked_until:%Y-%m-%d %H:%M %Z}".strip()
    after = PARKED_UNTIL_NEXT.format(until=until, words=words)
    return _standing(facts, IssueState.PARKED, facts.parked, after)


def _for_a_person(facts: IssueFacts) -> tuple[str, str] | None:
    """Row 11: why only a person can go on, and with which words."""
    if facts.needs_person is not None:
        return facts.needs_person, facts.needs_person_words.strip() or RETRY_NEXT
    if facts.pull_request is not PullRequest.OPEN:
        return None
    if facts.changes_wanted and facts.round >= facts.rounds:
        return _fill(ROUNDS_WHY, facts), RETRY_NEXT
    if not facts.blocked_by or not all(one.person_words.strip() for one in facts.blocked_by):
        return None
    words = "; ".join(dict.fromkeys(one.person_words for one in facts.blocked_by))
    return GATE_PERSON_WHY.format(inputs=_inputs(facts)), words


def _waiting(facts: IssueFacts) -> Standing:
    """Rows 13 to 15."""
    position = facts.queue_position
    if facts.pull_request is PullRequest.OPEN:
        place = PLACE.format(place=position) if position else ""
        after = REVISION_NEXT if facts.changes_wanted else REVIEW_NEXT
        why = UNJUDGED_WHY
        if facts.changes_wanted:
            why = REVISION_WHY
        elif facts.blocked_by:
            why = BLOCKED_WHY
        why = _fill(why, facts, inputs=_inputs(facts))
        return _standing(facts, IssueState.IN_REVIEW, why, after.format(place=place))
    if position is None:
        return _standing(facts, IssueState.APPROVED, APPROVED_WHY, APPROVED_NEXT)
    after = QUEUED_FIRST_NEXT if position <= 1 else QUEUED_NEXT.format(ahead=position - 1)
    return _standing(facts, IssueState.QUEUED, QUEUED_WHY, after)


def _is_put_forward(facts: IssueFacts) -> bool:
    return facts.by_fleet or facts.proposed


def _gate_is_open(facts: IssueFacts) -> bool:
    # Open and blocked at once are facts of two moments: the closed one wins.
    return facts.gate_open and not facts.blocked_by and not facts.changes_wanted


def _inputs(facts: IssueFacts) -> str:
    return ", ".join(
        f"{one.name} ({one.cause})" if one.cause else one.name for one in facts.blocked_by
    )


def _fill(words: str, facts: IssueFacts, *, inputs: str = "") -> str:
    number = f" #{facts.pull_request_number}" if facts.pull_request_number else ""
    return words.format(round=facts.round, rounds=facts.rounds, number=number, inputs=inputs)


def _standing(
    facts: IssueFacts, found: IssueState, why: str, after: str, *, person: bool = False
) -> Standing:
    # Causes come from commands and engines; whatever they hold, people get one line.
    return Standing(
        state=found,
        round=facts.round,
        why=" ".join(why.split()) or NO_REASON,
        next=" ".join(after.split()),
        waits_for_person=person,
    )

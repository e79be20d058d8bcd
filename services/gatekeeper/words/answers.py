"""What people are told of the commands that they write: one line each, with what continues it."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.snapshot import one_line

PAUSED = "no agent works on it from now on"
PAUSED_NEXT = "comment `/gatefleet resume` on the issue"
RESUMED = "work on it goes on as soon as an agent is free"
CANCELLED = "what runs for it ends, and nothing new begins"
CANCELLED_NEXT = "comment `/gatefleet retry` on the issue"
RETRIED = "what ended last is done once more as soon as an agent is free"
PROPOSING = "pm-agent is asked to look as soon as there is room for proposals"
DECLINED = "it is declined"
DECLINED_NEXT = "reopen the issue, then comment `/approve`"
STEERED: Mapping[str, tuple[str, str]] = {
    "pause": (PAUSED, PAUSED_NEXT),
    "resume": (RESUMED, ""),
    "cancel": (CANCELLED, CANCELLED_NEXT),
    "retry": (RETRIED, ""),
    "propose": (PROPOSING, ""),
    "decline": (DECLINED, DECLINED_NEXT),
}
WHILE_STOPPED = "{answer}, but the fleet is stopped: {why}"

ROLE = "{who} has the role {role} here, and commands are for people who may write"
EDITED = "a comment that was edited commands nothing"
EDITED_NEXT = "write it as a new comment"
CLOSED = "the issue is closed"
NOT_APPROVED = "nobody has approved this issue"
NOTHING_ASKED = "no agent has asked anything here"
READY = "nothing is left to do on it: {why}"
MERGED = "it is merged"
NOT_A_COMMAND = "that is close to a command and none; a command is the whole comment"
HELP_NEXT = "comment `/gatefleet help` for the list"
HELP = (
    "`/approve`, `/approve DIGEST` and `/unapprove` open and close gate 1; `/gatefleet pause`, "
    "`resume`, `cancel` and `retry` steer the work on this issue; `/gatefleet decline WHY` closes it "
    "as not wanted; `/gatefleet propose FOCUS` has pm-agent look now; `/gatefleet why`, `status` and "
    "`help` ask. The label `gatefleet:stop` on any open issue stops everything"
)
WORKS = "the fleet works here"
STOPPED = "the fleet is stopped: {why}"
STATUS = (
    "{fleet}; {approved} approved and not done, {running} with an agent, {open} pull request(s) "
    "open; this issue is {shown}"
)

TAKEN_LINE = "`{what}` by {who}: {answer}."
REFUSED_LINE = "`{what}` by {who} was not taken: {answer}. {next}"
NEXT = "Next: {words}."
WHAT_CHARACTERS = 60


@dataclass(frozen=True)
class Counted:
    """What the gatekeeper counts in a repository."""

    approved: int
    running: int
    open: int
    stopped: str | None

    def line(self, shown: str) -> str:
        """The answer to `/gatefleet status`."""
        fleet = STOPPED.format(why=self.stopped) if self.stopped else WORKS
        return STATUS.format(
            fleet=fleet, approved=self.approved, running=self.running, open=self.open, shown=shown
        )


def answer_notice(*, what: str, who: str, taken: bool, answer: str, next_words: str) -> str:
    """The section of the issue's one comment that answers the last command."""
    after = NEXT.format(words=next_words) if next_words else ""
    fields = {
        "what": " ".join(what.replace("`", "'").split())[:WHAT_CHARACTERS],
        "who": one_line(who, 60),
        "answer": answer.rstrip("."),
    }
    line = TAKEN_LINE.format(**fields) if taken else REFUSED_LINE.format(**fields, next=after)
    return line.rstrip()

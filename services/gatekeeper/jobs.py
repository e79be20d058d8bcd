"""The gatekeeper's jobs. Those that look decide from live reads; those that act change the forge."""

from typing import ClassVar
from uuid import UUID

from shared.jobs import Job
from shared.messages import Repo
from shared.messages.content import Reason, Snapshot

LOOK = "look"
ACT = "act"


class _OfRepo(Job):
    repo: Repo

    def _name(self, *parts: object) -> str:
        return ":".join([self.kind, str(self.repo), *map(str, parts)])


class AssessIssue(_OfRepo):
    """Look at an issue: does an approval begin, stand or end?"""

    kind: ClassVar[str] = "assess-issue"
    lane: ClassVar[str] = LOOK
    coalesce: ClassVar[bool] = True
    issue: int

    def name(self) -> str:
        """One a time per issue."""
        return self._name(self.issue)

    def correlation(self) -> str:
        """The issue."""
        return f"{self.repo}#{self.issue}"


class AssessPull(_OfRepo):
    """Look at a pull request: what does gate 2 say of its head?"""

    kind: ClassVar[str] = "assess-pull"
    lane: ClassVar[str] = LOOK
    coalesce: ClassVar[bool] = True
    pull: int

    def name(self) -> str:
        """One a time per pull request."""
        return self._name(self.pull)

    def correlation(self) -> str:
        """The pull request."""
        return f"{self.repo}#{self.pull}"


class Examine(_OfRepo):
    """Look at a repository's protection."""

    kind: ClassVar[str] = "examine"
    lane: ClassVar[str] = LOOK
    coalesce: ClassVar[bool] = True

    def name(self) -> str:
        """One a time per repository."""
        return self._name()


class LookAtStop(_OfRepo):
    """Look whether the kill switch is set."""

    kind: ClassVar[str] = "look-at-stop"
    lane: ClassVar[str] = LOOK
    coalesce: ClassVar[bool] = True

    def name(self) -> str:
        """One a time per repository."""
        return self._name()


class Rebuild(_OfRepo):
    """The memory begins: look up what an earlier one has left on the forge."""

    kind: ClassVar[str] = "rebuild"
    lane: ClassVar[str] = LOOK
    coalesce: ClassVar[bool] = True

    def name(self) -> str:
        """One a time per repository."""
        return self._name()


class OpenFound(_OfRepo):
    """A branch of ours was found pushed and without its pull request: open that."""

    kind: ClassVar[str] = "open-found"
    lane: ClassVar[str] = ACT
    coalesce: ClassVar[bool] = True
    issue: int
    approval: UUID

    def name(self) -> str:
        """One a time per approval."""
        return self._name(self.approval)

    def correlation(self) -> str:
        """The issue."""
        return f"{self.repo}#{self.issue}"


class OpenIssues(_OfRepo):
    """Write a draft's proposals to the forge."""

    kind: ClassVar[str] = "open-issues"
    lane: ClassVar[str] = ACT
    run: UUID
    generation: int

    def name(self) -> str:
        """One a draft."""
        return self._name(self.run, self.generation)


class _OfIssueDraft(_OfRepo):
    """What the jobs for a draft about an issue share: one a draft, in the issue's story."""

    lane: ClassVar[str] = ACT
    run: UUID
    generation: int
    issue: int

    def name(self) -> str:
        """One a draft."""
        return self._name(self.run, self.generation)

    def correlation(self) -> str:
        """The issue."""
        return f"{self.repo}#{self.issue}"


class PublishChange(_OfIssueDraft):
    """Import, judge, commit and push a draft's change, and open its pull request."""

    kind: ClassVar[str] = "publish-change"


class PostReview(_OfIssueDraft):
    """Post a draft's review: findings on the diff, verdict and tests as checks."""

    kind: ClassVar[str] = "post-review"


class DeclineIssue(_OfRepo):
    """Close an issue that a writer declined."""

    kind: ClassVar[str] = "decline-issue"
    lane: ClassVar[str] = ACT
    issue: int
    comment: int

    def name(self) -> str:
        """One a command."""
        return self._name(self.issue, self.comment)

    def correlation(self) -> str:
        """The issue."""
        return f"{self.repo}#{self.issue}"


class ShowText(_OfRepo):
    """Show people the text that an agent would read, and ask for `/approve <digest>`."""

    kind: ClassVar[str] = "show-text"
    lane: ClassVar[str] = ACT
    coalesce: ClassVar[bool] = True
    issue: int
    snapshot: Snapshot
    why: str

    def name(self) -> str:
        """One a time per issue."""
        return self._name(self.issue)


class DropLabel(_OfRepo):
    """Take the label `approved` off and say why."""

    kind: ClassVar[str] = "drop-label"
    lane: ClassVar[str] = ACT
    coalesce: ClassVar[bool] = True
    issue: int
    reason: Reason

    def name(self) -> str:
        """One a time per issue."""
        return self._name(self.issue)


class ShowIssue(_OfRepo):
    """Bring an issue's state label and its one comment up to date."""

    kind: ClassVar[str] = "show-issue"
    lane: ClassVar[str] = ACT
    coalesce: ClassVar[bool] = True
    issue: int

    def name(self) -> str:
        """One a time per issue."""
        return self._name(self.issue)


class ShowGate(_OfRepo):
    """Bring a pull request's gate check and body up to date."""

    kind: ClassVar[str] = "show-gate"
    lane: ClassVar[str] = ACT
    coalesce: ClassVar[bool] = True
    pull: int

    def name(self) -> str:
        """One a time per pull request."""
        return self._name(self.pull)


class ShowPolicy(_OfRepo):
    """Tell on the default branch's head what its policy file is worth."""

    kind: ClassVar[str] = "show-policy"
    lane: ClassVar[str] = ACT
    coalesce: ClassVar[bool] = True
    was_broken: bool
    """The file was not taken before: if it is now, that is told as well."""

    def name(self) -> str:
        """One a time per repository."""
        return self._name()


class Reap(_OfRepo):
    """Remove branches of ours that nobody works on any more."""

    kind: ClassVar[str] = "reap"
    lane: ClassVar[str] = ACT
    coalesce: ClassVar[bool] = True

    def name(self) -> str:
        """One a time per repository."""
        return self._name()


class CloseWork(_OfRepo):
    """An approval ended: close its pull request, or delete a branch that has none."""

    kind: ClassVar[str] = "close-work"
    lane: ClassVar[str] = ACT
    issue: int
    approval: UUID

    def name(self) -> str:
        """One an approval."""
        return self._name(self.approval)

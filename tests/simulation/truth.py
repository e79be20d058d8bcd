"""What people really did, and what that allows: the oracle, written without the gatekeeper's code.

It is lenient where the rules leave time to notice (roles may be remembered for a minute, an effect may
be under way while a person acts), and never more than that.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

WRITERS = frozenset({"write", "maintain", "admin"})
ROLE_AGE_S = 95.0
"""A role may be remembered for 60 s, and reading it may take three tries."""
NOTICE_S = 6.0
"""An effect may have passed its last look this long before it is seen at the forge."""

Text = tuple[str, str]


@dataclass
class Approving:
    """One act by which somebody approved, or tried to."""

    who: str
    at: float
    text: Text
    comment: int | None
    """Its comment; None for the label."""
    digest: str | None
    shown: bool
    """The fleet had shown exactly this text before."""
    trusted: bool = False
    """Everybody whose hands were on the text could write then; it stays so if they lose it later."""


@dataclass
class IssueTruth:
    """What was done to one issue."""

    author: str
    text: Text
    editors: set[str] = field(default_factory=set)
    acts: list[Approving] = field(default_factory=list)
    labelled: bool = False
    closed: bool = False
    shown: set[Text] = field(default_factory=set)
    by_fleet: bool = False
    open_until: float = -1e9
    """When it was last allowed to work on it."""
    touched: bool = False
    """Somebody gave the fleet a reason to speak there."""


@dataclass
class Truth:
    """All issues, and everybody's roles over time."""

    now: Callable[[], float]
    issues: dict[int, IssueTruth] = field(default_factory=dict)
    roles: dict[str, list[tuple[float, str]]] = field(default_factory=lambda: defaultdict(list))
    dispatched: dict[UUID, list[tuple[float, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """When the gatekeeper had heard of which generation of a run."""
    cancelled: dict[UUID, list[tuple[float, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def role(self, login: str, role: str) -> None:
        """Somebody has another role from now on."""
        self.roles[login].append((self.now(), role))

    def may_write(self, login: str) -> bool:
        """Was a writer at some time that may still be remembered."""
        history = self.roles.get(login, [])
        for at, (since, role) in enumerate(history):
            until = history[at + 1][0] if at + 1 < len(history) else float("inf")
            if role in WRITERS and until > self.now() - ROLE_AGE_S and since <= self.now():
                return True
        return False

    def allows(self, number: int) -> bool:
        """May the fleet work on this issue now, by all that people did?"""
        issue = self.issues.get(number)
        return issue is not None and not issue.closed and any(
            self._stands(issue, act) for act in issue.acts
        )  # fmt: skip

    def note(self, number: int) -> None:
        """Something changes now: remember that up to now it was allowed."""
        if self.allows(number):
            self.issues[number].open_until = self.now()

    def note_all(self) -> None:
        """The same for all of them."""
        for number in self.issues:
            self.note(number)

    def allowed_lately(self, number: int) -> bool:
        """Was it allowed a moment ago?"""
        self.note(number)
        issue = self.issues.get(number)
        return issue is not None and issue.open_until >= self.now() - NOTICE_S

    def _stands(self, issue: IssueTruth, act: Approving) -> bool:
        if act.comment is None and not issue.labelled:
            return False
        if not self.may_write(act.who) or act.text != issue.text:
            return False
        hands = {issue.author, *issue.editors}
        act.trusted = act.trusted or all(
            issue.by_fleet if who == "" else self.may_write(who) for who in hands
        )
        return act.trusted or act.shown or act.digest is not None

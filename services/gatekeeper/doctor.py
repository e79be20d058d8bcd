"""Is a repository protected enough for the fleet to work there? Unreadable is off."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from shared.messages.content import DoctorFinding
from shared.messages.objects import Protection

UNREADABLE = "the protection of {branch} cannot be read ({cause}); let the fleet's account read it"
NONE = (
    "{branch} is not protected: anyone who may push may change it; "
    "add a ruleset that requires pull requests"
)
PULL_REQUEST = "{branch} takes pushes without a pull request; require pull requests"
APPROVALS = "{branch} merges without an approving review; require at least one"
STALE = "an approving review of {branch} outlives later pushes; dismiss stale approvals"
LAST_PUSH = "whoever pushed last on {branch} may approve it; require approval of the last push"
DELETION = "{branch} can be deleted; restrict deletions"
FORCE_PUSH = "{branch} can be force-pushed; block force pushes"
BYPASS = "the fleet's account may bypass the rules of {branch}; take it off the bypass list"
PERSON = (
    "the fleet acts through a person's account, so that person's approvals and merges cannot count; "
    "make an App, or an account of its own"
)

IDENTITY_PERSON = "identity.person"

# In the order in which they are shown: finding, words, and when the protection has the fault.
_RULES: tuple[tuple[str, str, Callable[[Protection], bool]], ...] = (
    ("protection.pull_request", PULL_REQUEST, lambda p: not p.pull_request_required),
    ("protection.approvals", APPROVALS, lambda p: p.approvals < 1),
    ("protection.stale", STALE, lambda p: not p.dismiss_stale),
    ("protection.last_push", LAST_PUSH, lambda p: not p.last_push_approval),
    ("protection.deletion", DELETION, lambda p: not p.deletion_blocked),
    ("protection.force_push", FORCE_PUSH, lambda p: not p.force_push_blocked),
    ("protection.bypass", BYPASS, lambda p: p.fleet_can_bypass),
)
FINDINGS = frozenset(
    {"protection.unreadable", "protection.none", IDENTITY_PERSON, *(rule[0] for rule in _RULES)}
)
# Accepting this would let the fleet satisfy a person's gate (I-03, I-14, I-16).
NOT_ACCEPTABLE = frozenset({IDENTITY_PERSON})


@dataclass(frozen=True)
class Examined:
    """What the doctor looks at, beside the protection itself."""

    branch: str
    accept: frozenset[str] = frozenset()
    """Findings that the repository's policy lives with, by name."""
    fleet_is_person: bool = False
    """The fleet's account is one that people work with, too."""


def examine(protection: Protection, of: Examined) -> tuple[DoctorFinding, ...]:
    """Every finding, in a fixed order, each marked if the policy accepts it."""
    found = [(IDENTITY_PERSON, PERSON)] if of.fleet_is_person else []
    if not protection.readable:
        found.append(("protection.unreadable", UNREADABLE))
    elif not _protects(protection):
        found.append(("protection.none", NONE))
    else:
        found += [(name, words) for name, words, faulty in _RULES if faulty(protection)]
    return tuple(
        DoctorFinding(
            id=name,
            text=words.format(branch=of.branch, cause=protection.cause or "no cause given"),
            accepted=name in of.accept - NOT_ACCEPTABLE,
        )
        for name, words in found
    )


def on(findings: Sequence[DoctorFinding], accept: Iterable[str] = ()) -> bool:
    """May the fleet work in this repository: is every finding one that may be, and is, accepted?"""
    accepted = frozenset(accept) - NOT_ACCEPTABLE
    return all(
        finding.id not in NOT_ACCEPTABLE and (finding.accepted or finding.id in accepted)
        for finding in findings
    )


def _protects(protection: Protection) -> bool:
    """Is there any rule at all? Without one, naming every missing one would help nobody."""
    return (
        protection.pull_request_required
        or protection.deletion_blocked
        or protection.force_push_blocked
        or protection.approvals > 0
    )

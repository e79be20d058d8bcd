"""What a verdict is made of: how the merge behaves beside the base, as far as tools can tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.checkers import Lint, LintFinding, NotRun
from shared.git.changes import Diff
from shared.messages.content import Brief, TestsReport
from shared.policy import Policy


@dataclass(frozen=True)
class TestEvidence:
    """The tests on the merge beside those on the base."""

    __test__ = False

    report: TestsReport
    result: bool = True
    """False: the run on the merge said nothing of any test."""
    stuck: bool = False
    """They give no result on the base either, and for the same reason: no change can mend that."""
    missing: tuple[str, ...] = ()
    """Tests that the issue names and that do not pass."""
    green_before: tuple[str, ...] = ()
    """Tests that the issue names and that passed on the base already."""
    gone: tuple[str, ...] = ()
    """Tests that passed on the base and are neither passed nor red now."""
    why: Mapping[str, str] = field(default_factory=dict)
    """The first line of each red test's failure."""
    raised: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Files that each red test's traceback names, where it was raised last."""


@dataclass(frozen=True)
class Suppression:
    """A new comment that makes the linter look away."""

    path: str
    line: int
    rules: tuple[str, ...]
    """What it names; empty: everything."""


@dataclass(frozen=True)
class LintEvidence:
    """ruff with the base's configuration, on the base and on the merge."""

    before: Lint | NotRun
    now: Lint | NotRun
    moved: frozenset[str] = frozenset()
    """Paths that came or went: what was found in the one may be found in the other."""
    suppressions: tuple[Suppression, ...] = ()

    def found(self) -> tuple[LintFinding, ...]:
        """Findings on the merge; none where it could not be linted."""
        return self.now.findings if isinstance(self.now, Lint) else ()


@dataclass(frozen=True)
class Evidence:
    """All that a verdict rests on."""

    diff: Diff
    """The pull request's own: from where it left the base to its head."""
    policy: Policy
    brief: Brief
    tests: TestEvidence
    lint: LintEvidence
    as_head: frozenset[str] = frozenset()
    """Paths whose content on the merge is the head's: only there do line numbers fit."""

    @property
    def paths(self) -> frozenset[str]:
        """Every path of the pull request."""
        return frozenset(file.path for file in self.diff.files)

"""Rules of branches: rulesets, the older branch protection, and what they ask of a merge."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import select

from services.local_forge.domain.actor import Actor
from services.local_forge.domain.context import Context
from services.local_forge.domain.roles import Roles
from services.local_forge.problems import Unknown
from services.local_forge.tables import BranchProtection, Repository, Ruleset

Rule = dict[str, Any]

DEFAULT_RULES: tuple[Rule, ...] = (
    {"type": "deletion"},
    {"type": "non_fast_forward"},
    {
        "type": "pull_request",
        "parameters": {
            "required_approving_review_count": 1,
            "dismiss_stale_reviews_on_push": True,
            "require_last_push_approval": True,
            "require_code_owner_review": False,
            "required_review_thread_resolution": False,
            "allowed_merge_methods": ["merge"],
        },
    },
)
"""What a new repository's default branch asks for."""

_ROLE_IDS = {2: "maintain", 4: "write", 5: "admin"}
"""GitHub's numbers of repository roles in a bypass list."""


@dataclass(frozen=True, slots=True)
class RulesetSpec:
    """A ruleset to be; `include` knows `~DEFAULT_BRANCH`, `~ALL` and `refs/heads/…` patterns."""

    name: str
    rules: Sequence[Rule] = DEFAULT_RULES
    include: Sequence[str] = ("~DEFAULT_BRANCH",)
    exclude: Sequence[str] = ()
    bypass: Sequence[dict[str, Any]] = field(default=())
    enforcement: str = "active"


class Protection:
    """The rules of branches; people set them, no REST route does."""

    def __init__(self, context: Context, roles: Roles) -> None:
        self._context = context
        self._roles = roles

    def add(self, repo: Repository, spec: RulesetSpec) -> Ruleset:
        """A new ruleset."""
        now = self._context.now()
        with self._context.store.transaction() as session:
            ruleset = Ruleset(
                repository_id=repo.id,
                name=spec.name,
                enforcement=spec.enforcement,
                include=list(spec.include),
                exclude=list(spec.exclude),
                rules=[dict(rule) for rule in spec.rules],
                bypass=list(spec.bypass),
                created_at=now,
                updated_at=now,
            )
            session.add(ruleset)
            session.flush()
            return ruleset

    def change(self, ruleset: Ruleset, spec: RulesetSpec) -> Ruleset:
        """The same ruleset with other contents; `enforcement="disabled"` switches it off."""
        with self._context.store.transaction() as session:
            row = session.get_one(Ruleset, ruleset.id)
            row.name, row.enforcement = spec.name, spec.enforcement
            row.include, row.exclude = list(spec.include), list(spec.exclude)
            row.rules, row.bypass = [dict(rule) for rule in spec.rules], list(spec.bypass)
            row.updated_at = self._context.now()
            session.flush()
            return row

    def rulesets(self, repo: Repository) -> Sequence[Ruleset]:
        """All rulesets of a repository."""
        with self._context.store.reading() as session:
            found = session.scalars(
                select(Ruleset).where(Ruleset.repository_id == repo.id).order_by(Ruleset.id)
            )
            return found.all()

    def ruleset(self, repo: Repository, number: int) -> Ruleset:
        """One ruleset by its id."""
        with self._context.store.reading() as session:
            found = session.get(Ruleset, number)
        if found is None or found.repository_id != repo.id:
            raise Unknown
        return found

    def on(self, repo: Repository, branch: str) -> list[Ruleset]:
        """The active rulesets that a branch is under."""
        return [
            ruleset
            for ruleset in self.rulesets(repo)
            if ruleset.enforcement == "active" and _covers(ruleset, repo, branch)
        ]

    def rules(self, repo: Repository, branch: str) -> list[tuple[Rule, Ruleset]]:
        """Every active rule of a branch with the ruleset it stands in."""
        return [(rule, ruleset) for ruleset in self.on(repo, branch) for rule in ruleset.rules]

    def bypass(self, repo: Repository, ruleset: Ruleset, actor: Actor) -> str:
        """`current_user_can_bypass`: always, pull_requests_only or never."""
        modes = {
            entry.get("bypass_mode", "always")
            for entry in ruleset.bypass
            if self._is_named(repo, entry, actor)
        }
        if "always" in modes:
            return "always"
        return "pull_requests_only" if modes else "never"

    def _is_named(self, repo: Repository, entry: dict[str, Any], actor: Actor) -> bool:
        kind, number = entry.get("actor_type"), entry.get("actor_id")
        if kind == "RepositoryRole":
            return self._roles.of(repo, actor.account) == _ROLE_IDS.get(number or 0)
        if kind == "Integration":
            return actor.app is not None and actor.app.id == number
        return kind == "User" and actor.account.id == number

    def by_pull_request_only(self, repo: Repository, branch: str, actor: Actor) -> bool:
        """May this actor change the branch by a pull request only?"""
        return any(
            rule["type"] == "pull_request" and self.bypass(repo, ruleset, actor) != "always"
            for rule, ruleset in self.rules(repo, branch)
        ) or (self.classic(repo, branch) is not None)

    def classic(self, repo: Repository, branch: str) -> dict[str, Any] | None:
        """The older protection of a branch, as its JSON."""
        with self._context.store.reading() as session:
            found = session.get(BranchProtection, (repo.id, branch))
            return None if found is None else dict(found.settings)

    def set_classic(self, repo: Repository, branch: str, settings: dict[str, Any]) -> None:
        """Set the older protection of a branch."""
        with self._context.store.transaction() as session:
            row = BranchProtection(repository_id=repo.id, branch=branch, settings=settings)
            session.merge(row)


def _covers(ruleset: Ruleset, repo: Repository, branch: str) -> bool:
    return _named(ruleset.include, repo, branch) and not _named(ruleset.exclude, repo, branch)


def _named(patterns: Sequence[str], repo: Repository, branch: str) -> bool:
    special = {"~ALL": True, "~DEFAULT_BRANCH": branch == repo.default_branch}
    return any(
        special.get(pattern, fnmatchcase(f"refs/heads/{branch}", pattern)) for pattern in patterns
    )

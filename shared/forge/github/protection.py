"""What holds for everyone on a branch: rulesets that we cannot bypass, or classic protection."""

from collections.abc import Iterable, Sequence

from shared.errors import Refused, TryLater
from shared.forge.github.errors import NotFound
from shared.forge.github.pages import Listing, everything
from shared.forge.github.repository import RepositoryReads, RepositoryShape
from shared.forge.github.shapes import Shape, UserShape
from shared.forge.paths import segment
from shared.messages.objects import Protection

NOT_READABLE = "{subject}: the protection of {branch} cannot be read ({cause})"
CLASSIC_NEEDS = (
    "no ruleset requires a pull request, and classic protection is shown to administrators only;"
    " make a ruleset for the branch"
)
_NOT_PROTECTED = "branch not protected"


class _ParametersShape(Shape):
    required_approving_review_count: int = 0
    dismiss_stale_reviews_on_push: bool = False
    require_last_push_approval: bool = False


class _RuleShape(Shape):
    type: str
    ruleset_id: int
    parameters: _ParametersShape | None = None


class _RulesetShape(Shape):
    enforcement: str = "active"
    current_user_can_bypass: str = "unknown"

    def binds_us(self) -> bool:
        """Only the word `never` says that we cannot bypass it."""
        return self.current_user_can_bypass == "never" and self.enforcement == "active"


class _AllowanceShape(Shape):
    users: tuple[UserShape, ...] = ()
    teams: tuple[dict[str, object], ...] = ()
    apps: tuple[dict[str, object], ...] = ()


class _ReviewsShape(Shape):
    required_approving_review_count: int = 0
    dismiss_stale_reviews: bool = False
    require_last_push_approval: bool = False
    bypass_pull_request_allowances: _AllowanceShape | None = None


class _SwitchShape(Shape):
    enabled: bool


class _ClassicShape(Shape):
    required_pull_request_reviews: _ReviewsShape | None = None
    enforce_admins: _SwitchShape = _SwitchShape(enabled=False)
    allow_force_pushes: _SwitchShape = _SwitchShape(enabled=True)
    allow_deletions: _SwitchShape = _SwitchShape(enabled=True)


class ProtectionReads(RepositoryReads):
    """Protection."""

    async def protection(self, branch: str) -> Protection:
        """What holds for everyone on the branch; what cannot be read is said, never assumed."""
        try:
            rules = await self._rules(branch)
            binding = await self._binding(rules)
            by_rules = _of_rules([rule for rule in rules if rule.ruleset_id in binding])
            if by_rules.pull_request_required:
                return by_rules
            if any(rule.type == "pull_request" for rule in rules):
                return _of_rules(rules).model_copy(update={"fleet_can_bypass": True})
            return await self._classic(branch)
        except (TryLater, Refused) as error:
            return self._unreadable(branch, str(error))

    def _unreadable(self, branch: str, cause: str) -> Protection:
        line = NOT_READABLE.format(subject=self._subject(), branch=branch, cause=cause)
        return Protection(readable=False, cause=line)

    async def _rules(self, branch: str) -> Sequence[_RuleShape]:
        path = f"{self._root}/rules/branches/{segment(branch)}"
        return await everything(self._client, Listing(path, self._subject(), {}), shape=_RuleShape)

    async def _binding(self, rules: Iterable[_RuleShape]) -> frozenset[int]:
        """The rulesets that bind us too."""
        found: set[int] = set()
        for ruleset in sorted({rule.ruleset_id for rule in rules}):
            answer = await self._client.get(
                f"{self._root}/rulesets/{ruleset}", subject=self._subject()
            )
            if answer.read(_RulesetShape, subject=self._subject()).binds_us():
                found.add(ruleset)
        return frozenset(found)

    async def _classic(self, branch: str) -> Protection:
        path = f"{self._root}/branches/{segment(branch)}/protection"
        try:
            answer = await self._client.get(path, subject=self._subject())
        except NotFound as error:
            # The same 404 stands for "there is none" and "not yours to see"; only the words differ.
            if _NOT_PROTECTED in str(error).lower():
                return Protection(readable=True)
            return self._unreadable(branch, CLASSIC_NEEDS)
        except Refused:
            return self._unreadable(branch, CLASSIC_NEEDS)
        found = answer.read(_ClassicShape, subject=self._subject())
        reviews = found.required_pull_request_reviews
        return Protection(
            readable=True,
            pull_request_required=reviews is not None,
            approvals=reviews.required_approving_review_count if reviews else 0,
            dismiss_stale=reviews is not None and reviews.dismiss_stale_reviews,
            last_push_approval=reviews is not None and reviews.require_last_push_approval,
            deletion_blocked=not found.allow_deletions.enabled,
            force_push_blocked=not found.allow_force_pushes.enabled,
            fleet_can_bypass=await self._passes_classic(found),
        )

    async def _passes_classic(self, found: _ClassicShape) -> bool:
        """Named in an allowance, maybe in a team of one, or an administrator who is not bound."""
        reviews = found.required_pull_request_reviews
        allowance = reviews and reviews.bypass_pull_request_allowances
        if allowance:
            me = await self.me()
            if allowance.teams or me.user_id in {user.id for user in allowance.users}:
                return True
            if allowance.apps and me.app_id is not None:
                return True
        if found.enforce_admins.enabled:
            return False
        answer = await self._client.get(self._root, subject=self._subject())
        permissions = answer.read(RepositoryShape, subject=self._subject()).permissions
        return permissions is None or permissions.admin


def _of_rules(rules: Iterable[_RuleShape]) -> Protection:
    """The strictest of all rules, as the forge applies them together."""
    rules = list(rules)
    kinds = {rule.type for rule in rules}
    wanted = [
        rule.parameters or _ParametersShape() for rule in rules if rule.type == "pull_request"
    ]
    return Protection(
        readable=True,
        pull_request_required=bool(wanted),
        approvals=max((each.required_approving_review_count for each in wanted), default=0),
        dismiss_stale=any(each.dismiss_stale_reviews_on_push for each in wanted),
        last_push_approval=any(each.require_last_push_approval for each in wanted),
        deletion_blocked="deletion" in kinds,
        force_push_blocked="non_fast_forward" in kinds,
        fleet_can_bypass=False,
    )

"""A policy file that cannot be taken is told of where it broke: a check on the default branch's head.

Once a head, by the check's name and key, whatever is repeated or forgotten; a check on a commit does
not follow to the next one, so the commit that mends the file is free of it, and is told so.
"""

from collections.abc import Callable
from typing import Never

from services.gatekeeper.desk import Desk
from services.gatekeeper.jobs import ShowPolicy
from services.gatekeeper.roles import Unreadable
from shared.errors import BadInput, TryLater
from shared.jobs import JobContext, Outcome, nothing
from shared.messages import Repo
from shared.policy import FILE, parse
from shared.snapshot import fenced

POLICY_CHECK = "gatefleet/policy"
BROKEN_TITLE = f"{FILE} cannot be taken; the last good one holds"
BROKEN = (
    "This commit's `{file}` is not in force: the fleet goes on with the last one that could be taken.\n\n"
    "{errors}\n\nMend the file in a pull request; `python -m shared.policy {file}` checks it."
)
GOOD_TITLE = f"{FILE} is in force"
GOOD = "This commit's `{file}` can be taken, and is in force."
ERRORS_CHARACTERS = 8_000


class PolicyShower:
    """Carries out `ShowPolicy`."""

    def __init__(self, desk_of: Callable[[Repo], Desk]) -> None:
        self._desk_of = desk_of

    async def show_policy(self, job: ShowPolicy, at: JobContext) -> Outcome[Never]:
        """Say of the default branch's head, as it is now, what its policy file is worth."""
        desk = self._desk_of(job.repo)
        await desk.may_act()
        policy = await desk.policy()
        if isinstance(policy, Unreadable):
            raise TryLater(f"{job.repo}: {policy.cause}")
        errors = await _errors(desk, policy.tip)
        if errors is None and not job.was_broken:
            return nothing
        said = BROKEN.format(file=FILE, errors=fenced(errors, "text")) if errors else None
        await desk.forge.set_check(
            policy.tip, name=POLICY_CHECK, external_id=f"policy:{policy.tip}",
            conclusion="failure" if said else "success",
            title=BROKEN_TITLE if said else GOOD_TITLE, summary=said or GOOD.format(file=FILE),
        )  # fmt: skip
        return nothing


async def _errors(desk: Desk, tip: str) -> str | None:
    """Why the file at a commit cannot be taken; None: it can."""
    try:
        parse(await desk.forge.file(FILE, ref=tip))
    except BadInput as error:
        return str(error)[:ERRORS_CHARACTERS]
    return None

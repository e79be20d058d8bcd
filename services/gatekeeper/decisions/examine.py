"""The doctor and the kill switch: may the fleet work in this repository at all?"""

from collections.abc import Callable

from services.gatekeeper.desk import Desk
from services.gatekeeper.doctor import Examined, examine, on
from services.gatekeeper.jobs import Examine, LookAtStop
from services.gatekeeper.roles import Unreadable
from services.gatekeeper.tables import Repository
from shared.errors import TryLater
from shared.jobs import JobContext, Outcome, release
from shared.messages import Repo
from shared.messages.gate import FleetResumed, FleetStopped, RepositoryEvaluated
from shared.store import Handling

CLEARED = "the stop was taken away"


class Doctor:
    """Carries out `Examine` and `LookAtStop`."""

    def __init__(self, desk_of: Callable[[Repo], Desk]) -> None:
        self._desk_of = desk_of

    async def examine(self, job: Examine, at: JobContext) -> Outcome[RepositoryEvaluated]:
        """Read the protection with the gatekeeper's own eyes; say it when it changed."""
        desk = self._desk_of(job.repo)
        policy = await desk.policy()
        if isinstance(policy, Unreadable):
            raise TryLater(f"{job.repo}: {policy.cause}")
        protection = await desk.forge.protection(policy.branch)
        of = Examined(
            policy.branch, accept=frozenset(policy.policy.accept),
            fleet_is_person=await desk.is_person(),
        )  # fmt: skip
        findings = examine(protection, of)

        def outcome(handling: Handling) -> list[RepositoryEvaluated]:
            row = _repository(handling, job.repo)
            allowed = on(findings)
            if (row.protected, row.findings) == (allowed, findings):
                return []
            row.protected, row.findings = allowed, findings
            return [RepositoryEvaluated(
                repo=job.repo, on=allowed, findings=findings, at=handling.now
            )]  # fmt: skip

        return outcome

    async def look_at_stop(
        self, job: LookAtStop, at: JobContext
    ) -> Outcome[FleetStopped | FleetResumed]:
        """Say it when the kill switch moved; what cannot be read counts as set."""
        seen = at.clock.now()
        stopped = await self._desk_of(job.repo).stopped(fresh=True)
        why = stopped.cause if isinstance(stopped, Unreadable) else stopped

        def outcome(handling: Handling) -> list[FleetStopped | FleetResumed]:
            row = _repository(handling, job.repo)
            before, row.stopped = row.stopped, why
            if (before is None) == (why is None):
                return []
            if why is None:
                release(handling.session, handling.now)  # what was held goes on at once
                return [FleetResumed(repo=job.repo, why=CLEARED, at=seen)]
            return [FleetStopped(repo=job.repo, why=why, at=seen)]

        return outcome


def _repository(at: Handling, repo: Repo) -> Repository:
    row = at.session.get(Repository, repo.id)
    if row is None:
        row = Repository(
            id=repo.id, repo=repo, policy={}, protected=None, findings=(), stopped=None,
            policy_errors=(), seen_at=None,
        )  # fmt: skip
        at.session.add(row)
        at.session.flush()
    return row

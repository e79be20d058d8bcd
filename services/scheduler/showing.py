"""What the scheduler shows of itself to Prometheus, read from its tables when it is asked."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.scheduler import money
from services.scheduler.caps import spent_in_a_day
from services.scheduler.records import WAITING, policy_of
from services.scheduler.tables import Repository, Run
from shared.watching.metrics import Metric, Readings, Told

RUNS = Metric(
    "gatefleet_runs", "gauge",
    "Runs that have not ended, by kind and state: wanted, sent (no holder yet), held (under a lease).",
    ("kind", "state"),
)  # fmt: skip
RUNS_AGE = Metric(
    "gatefleet_run_oldest_seconds", "gauge", "Since when the oldest of them is wanted.",
    ("kind", "state"),
)  # fmt: skip
STOPPED = Metric(
    "gatefleet_stopped", "gauge", "1 while the kill switch holds the repository.", ("repository",)
)
SPENT = Metric(
    "gatefleet_budget_day_spent_dollars", "gauge",
    "Reserved or spent in the last 24 hours.", ("repository",),
)  # fmt: skip
BUDGET = Metric(
    "gatefleet_budget_day_dollars", "gauge",
    "What the policy lets the repository spend in 24 hours; 0: none.", ("repository",),
)  # fmt: skip


def _shown(session: Session, now: datetime) -> Readings:
    for each in session.scalars(select(Repository)):
        name = str(each.repo)
        yield STOPPED.read(each.stopped is not None, name)
        if each.head_sha:
            yield SPENT.read(spent_in_a_day(session, each.id, now) / money.MICROS, name)
            yield BUDGET.read(float(policy_of(each).budget.day), name)
    groups = select(Run.kind, Run.state, func.count(), func.min(Run.wanted_at))
    groups = groups.where(Run.state.in_(WAITING)).group_by(Run.kind, Run.state)
    for kind, state, count, since in session.execute(groups):
        yield RUNS.read(count, kind, state)
        yield RUNS_AGE.read(max(0.0, (now - since).total_seconds()), kind, state)


TOLD = Told((RUNS, RUNS_AGE, STOPPED, SPENT, BUDGET), _shown)

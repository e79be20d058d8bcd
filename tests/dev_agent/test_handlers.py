"""dev-agent's handlers: a call and an `==`."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from services.dev_agent.handlers import Handlers
from shared.messages.content import RunKind
from shared.messages.draft import RunProgressed
from shared.messages.work import RunCancelled
from shared.runs import MIGRATIONS, RunJob
from shared.runs.tables import CANCELLED
from shared.store import Handling, Store
from tests.dev_agent.runs import REPO, RUN, implementation, revision

T = TypeVar("T")
HANDLERS = Handlers("dev-agent:2")


async def handled(folder: Path, call: Callable[[Handling], T]) -> T:
    """What a handler returns in a transaction of a fresh store."""
    store = Store(f"sqlite:///{folder / 'dev.db'}")
    await store.open((MIGRATIONS,))
    now = datetime(2030, 1, 1, tzinfo=UTC)
    try:
        return await store.run(lambda s: call(Handling(s, now, UUID(int=1), "octo/hello#7")))
    finally:
        await store.close()


async def test_a_request_becomes_a_job_and_starts_the_lease(tmp_path: Path) -> None:
    for request, take, kind in (
        (implementation("a" * 40), HANDLERS.implement, RunKind.IMPLEMENTATION),
        (revision("a" * 40, "b" * 40), HANDLERS.revise, RunKind.REVISION),
    ):
        said = await handled(tmp_path, lambda at, t=take, r=request: t(r, at))  # type: ignore[misc]
        assert said == [
            RunJob(
                run=RUN, generation=5, work=kind, issue=7, topic=request.topic,
                body=request.model_dump_json(), story="octo/hello#7",
            ),
            RunProgressed(
                repo=REPO, run=RUN, generation=5, kind=kind, holder="dev-agent:2", issue=7,
                phase="picked up", line="dev-agent:2 has picked it up",
            ),
        ]  # fmt: skip


async def test_only_a_cancellation_that_means_this_holder_is_remembered(tmp_path: Path) -> None:
    def stop(at: Handling) -> list[str]:
        for holder, run in (("dev-agent:1", 1), (None, 2), ("dev-agent:2", 3)):
            message = RunCancelled(
                repo=REPO, run=UUID(int=run), generation=5, reason="stopped", holder=holder
            )
            assert HANDLERS.stop(message, at) == []
        return [str(run) for run in at.session.scalars(select(CANCELLED.c.run))]

    assert await handled(tmp_path, stop) == [str(UUID(int=2)), str(UUID(int=3))]

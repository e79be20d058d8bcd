"""qa-agent's handlers: a call and an `==`."""

from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from services.qa_agent.handlers import Handlers
from shared.messages.content import RunKind
from shared.messages.draft import RunFinished, RunProgressed
from shared.messages.work import RunCancelled
from shared.runs import MIGRATIONS, RunJob
from shared.runs.tables import CANCELLED
from shared.store import Handling, Store
from tests.qa_agent.reviews import NOW, REPO, RUN, review

HANDLERS = Handlers("qa-agent:1")


async def test_a_request_becomes_a_job_and_a_cancellation_is_remembered(tmp_path: Path) -> None:
    request = review("a" * 40, "b" * 40)
    stopping = RunCancelled(repo=REPO, run=RUN, generation=5, reason="the head moved")
    store = Store(f"sqlite:///{tmp_path / 'qa.db'}")
    await store.open((MIGRATIONS,))

    def handled(at: Handling) -> tuple[list[RunJob | RunProgressed | RunFinished], list[str]]:
        said = HANDLERS.review(request, at)
        assert HANDLERS.stop(stopping, at) == []
        return said, list(at.session.scalars(select(CANCELLED.c.reason)))

    said, cancelled = await store.run(
        lambda session: handled(Handling(session, NOW, UUID(int=1), "octo/hello#7"))
    )
    await store.close()

    assert cancelled == ["the head moved"]
    assert said == [
        RunJob(
            run=RUN, generation=5, work=RunKind.REVIEW, issue=7, topic=request.topic,
            body=request.model_dump_json(), story="octo/hello#7",
        ),
        RunProgressed(
            repo=REPO, run=RUN, generation=5, kind=RunKind.REVIEW, holder="qa-agent:1", issue=7,
            phase="picked up", line="qa-agent:1 has picked it up",
        ),
    ]  # fmt: skip

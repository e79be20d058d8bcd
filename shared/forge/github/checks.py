"""Check runs and commit statuses on one SHA: read, complete or not at all."""

from collections.abc import Iterable
from datetime import datetime

from shared.errors import TryLater
from shared.forge.github.pages import Listing, everything, pages
from shared.forge.github.resource import Resource
from shared.forge.github.shapes import AppShape, Shape, UserShape
from shared.messages.objects import Check

INCOMPLETE = "{subject}: {sha} has {total} {what}, {seen} were read; it is tried again later"

OPEN_KEY, CLOSE_KEY = " [", "]"
"""Round a status' external id, at the end of its description: a status has no field for one."""


class CheckRunShape(Shape):
    """A check run."""

    class Output(Shape):
        """Its texts."""

        title: str | None = None
        summary: str | None = None

    id: int
    name: str
    head_sha: str
    status: str
    conclusion: str | None = None
    external_id: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    app: AppShape | None = None
    output: Output = Output()

    def check(self) -> Check:
        """As the catalogue has it; the time is when it came to be what it is."""
        return Check(
            kind="check_run",
            id=self.id,
            name=self.name,
            sha=self.head_sha,
            app_id=self.app and self.app.id,
            app_slug=self.app and self.app.slug,
            status=self.status,
            conclusion=self.conclusion if self.status == "completed" else None,
            external_id=self.external_id or "",
            title=self.output.title or "",
            summary=self.output.summary or "",
            at=self.completed_at or self.started_at or BEFORE_ANY,
        )


class StatusShape(Shape):
    """A commit status."""

    id: int
    context: str
    state: str
    description: str | None = None
    created_at: datetime
    creator: UserShape | None = None

    def check(self, sha: str) -> Check:
        """As the catalogue has it: pending is in progress, error is a failure."""
        title, key = _keyed(self.description or "", self.context)
        pending = self.state == "pending"
        return Check(
            kind="status",
            id=self.id,
            name=self.context,
            sha=sha,
            creator=self.creator and self.creator.actor(),
            status="in_progress" if pending else "completed",
            conclusion=None if pending else {"error": "failure"}.get(self.state, self.state),
            external_id=key,
            title=title,
            at=self.created_at,
        )


BEFORE_ANY = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
"""For a run that has not begun: older than every other."""


class _RunsShape(Shape):
    total_count: int
    check_runs: tuple[CheckRunShape, ...]


class _CombinedShape(Shape):
    class Context(Shape):
        context: str

    total_count: int
    statuses: tuple[Context, ...]


class CheckReads(Resource):
    """Checks."""

    async def checks(self, sha: str) -> tuple[Check, ...]:
        """All check runs, and of each creator's statuses the latest per context, on that SHA."""
        runs = await self._check_runs(sha)
        statuses = await self._statuses(sha)
        return (*(run.check() for run in runs), *(status.check(sha) for status in statuses))

    async def _check_runs(self, sha: str, *, name: str | None = None) -> list[CheckRunShape]:
        """The latest check runs; with a name, all of that name, newest first."""
        asked = {"filter": "all", "check_name": name} if name else {"filter": "latest"}
        listing = Listing(f"{self._root}/commits/{sha}/check-runs", self._subject(), asked)
        found: dict[int, CheckRunShape] = {}
        totals: set[int] = set()
        async for answer in pages(self._client, listing):
            page = answer.read(_RunsShape, subject=self._subject())
            found.update((run.id, run) for run in page.check_runs)
            totals.add(page.total_count)
        self._complete(sha, "check runs", totals=totals, seen=len(found))
        return sorted(found.values(), key=lambda run: -run.id)

    async def _statuses(self, sha: str) -> list[StatusShape]:
        """The latest of each context and creator. GitHub counts contexts only: that must agree."""
        listing = Listing(f"{self._root}/commits/{sha}/statuses", self._subject(), {})
        latest = _latest(await everything(self._client, listing, shape=StatusShape))
        combined = Listing(f"{self._root}/commits/{sha}/status", self._subject(), {})
        totals: set[int] = set()
        async for answer in pages(self._client, combined):
            totals.add(answer.read(_CombinedShape, subject=self._subject()).total_count)
        seen = len({status.context for status in latest})
        self._complete(sha, "status contexts", totals=totals, seen=seen)
        return latest

    def _complete(self, sha: str, what: str, *, totals: set[int], seen: int) -> None:
        if totals != {seen}:
            told = ", then ".join(map(str, sorted(totals)))
            raise TryLater(
                INCOMPLETE.format(
                    subject=self._subject(), sha=sha[:12], total=told, what=what, seen=seen
                )
            )


def _latest(statuses: Iterable[StatusShape]) -> list[StatusShape]:
    """Ids grow with time, so the highest of a context and creator is its latest."""
    found: dict[tuple[str, int | None], StatusShape] = {}
    for status in sorted(statuses, key=lambda each: each.id):
        found[status.context, status.creator.id if status.creator else None] = status
    return list(found.values())


def keyed(title: str, external_id: str) -> str:
    """A status' description: title and external id within GitHub's 140 characters."""
    key = f"{OPEN_KEY}{external_id}{CLOSE_KEY}"
    return title[: 140 - len(key)] + key


def _keyed(description: str, context: str) -> tuple[str, str]:
    """Title and external id of a status of ours; others have no external id."""
    title, bracket, key = description.rpartition(OPEN_KEY)
    if context.startswith("gatefleet/") and bracket and key.endswith(CLOSE_KEY):
        return title, key.removesuffix(CLOSE_KEY)
    return description, ""

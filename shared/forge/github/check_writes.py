"""Saying a verdict on a SHA: as a check run where we are an App, else as a commit status."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.errors import BadInput
from shared.forge.facts import Verdict
from shared.forge.github.checks import CheckReads, CheckRunShape, StatusShape, keyed
from shared.forge.github.once import once, same_text
from shared.forge.github.repository import RepositoryReads
from shared.messages.objects import Check

LONG_KEY = "{subject}: the external id of {name} is longer than {most}; give a shorter one"

_MOST_KEY = 100
"""A status keeps it in its description of 140 characters, beside the title."""


@dataclass(frozen=True)
class _Said:
    """What is to be said."""

    sha: str
    name: str
    external_id: str
    conclusion: Verdict | None
    title: str
    summary: str

    def run_change(self) -> dict[str, object]:
        """The part of a check run that may change. GitHub wants a title that is not empty."""
        output = {"title": self.title or self.name, "summary": self.summary}
        if self.conclusion is None:
            return {"status": "in_progress", "output": output}
        return {"status": "completed", "conclusion": self.conclusion, "output": output}

    def status(self) -> dict[str, object]:
        """As a commit status."""
        return {
            "state": self.conclusion or "pending",
            "context": self.name,
            "description": keyed(self.title, self.external_id),
        }

    def is_run(self, check: Check) -> bool:
        """Whether a check run of this key already says it."""
        return (
            check.conclusion == self.conclusion
            and same_text(check.title, self.title or self.name)
            and same_text(check.summary, self.summary)
        )


class CheckWrites(CheckReads, RepositoryReads):
    """Verdicts."""

    async def set_check(
        self,
        sha: str,
        *,
        name: str,
        external_id: str,
        conclusion: Verdict | None,
        title: str,
        summary: str,
    ) -> Check:
        """Say a verdict on a SHA; None is still open. What already says so is not written again."""
        if len(external_id) > _MOST_KEY:
            raise BadInput(LONG_KEY.format(subject=self._subject(), name=name, most=_MOST_KEY))
        said = _Said(sha, name, external_id, conclusion, title, summary)
        if (await self.capabilities()).check_runs:
            return await self._say_by_run(said)
        return await self._say_by_status(said)

    async def _say_by_run(self, said: _Said) -> Check:
        newest: Check | None = None

        async def find() -> Check | None:
            nonlocal newest
            newest = await self._newest_run(said)
            return newest if newest and said.is_run(newest) else None

        async def make() -> Check:
            # A run that has ended is not opened again: one more of the same key takes its place.
            reopens = newest and newest.status == "completed" and said.conclusion is None
            if newest and not reopens:
                path = f"{self._root}/check-runs/{newest.id}"
                return await self._write_run("PATCH", path, body=said.run_change())
            key = {"name": said.name, "head_sha": said.sha, "external_id": said.external_id}
            path = f"{self._root}/check-runs"
            return await self._write_run("POST", path, body={**key, **said.run_change()})

        return await once(find, make)

    async def _newest_run(self, said: _Said) -> Check | None:
        """Our newest check run with this name and key."""
        app_id = (await self.me()).app_id
        for run in await self._check_runs(said.sha, name=said.name):
            check = run.check()
            ours = check.name == said.name and check.app_id == app_id
            if ours and check.external_id == said.external_id:
                return check
        return None

    async def _write_run(self, method: str, path: str, *, body: Mapping[str, object]) -> Check:
        answer = await self._client.send(method, path, subject=self._subject(), body=body)
        return answer.read(CheckRunShape, subject=self._subject()).check()

    async def _say_by_status(self, said: _Said) -> Check:
        wanted = said.status()

        async def find() -> Check | None:
            me = (await self.me()).user_id
            for status in await self._statuses(said.sha):
                mine = status.creator is not None and status.creator.id == me
                told = {"state": status.state, "context": status.context}
                if mine and {**told, "description": status.description} == wanted:
                    return status.check(said.sha)
            return None

        async def make() -> Check:
            path = f"{self._root}/statuses/{said.sha}"
            answer = await self._client.send("POST", path, subject=self._subject(), body=wanted)
            return answer.read(StatusShape, subject=self._subject()).check(said.sha)

        return await once(find, make)

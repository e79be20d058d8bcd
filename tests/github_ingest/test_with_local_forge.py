"""One story against a forge that owns its state: real webhooks over a socket, real reads over REST."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from shared.forge.facts import ForgeAddress
from shared.forge.github.open import open_reader
from shared.messages.observed import (
    CheckObserved,
    CommentObserved,
    IssueObserved,
    PullRequestObserved,
    PushObserved,
    RepositoryObserved,
    ReviewObserved,
)
from tests.github_ingest.world import SECRET, World, world
from tests.local_forge.conftest import place, source
from tests.local_forge.place import REPO, URL, Place

__all__ = ["place", "source"]


@dataclass
class Both:
    """The forge and the ingest that listens to it."""

    place: Place
    ingest: World

    async def settle(self) -> None:
        """Every webhook sent, every look done."""
        await self.place.local.settled()
        await self.ingest.settle()

    def results(self) -> list[int]:
        """How the ingest answered each delivery, oldest first."""
        forge = self.place.forge
        [hook] = forge.webhooks.hooks(self.place.repo)
        return [each.status_code for each in reversed(forge.webhooks.deliveries(hook))]


@pytest.fixture
async def both(place: Place, tmp_path: Path) -> AsyncIterator[Both]:
    address = ForgeAddress(URL, "octo", "hello")
    token = place.forge.token("reader")
    reader = open_reader(
        address, token=lambda: token, clock=place.clock,
        transport=httpx.ASGITransport(place.local.app),
    )  # fmt: skip
    async with world(tmp_path / "ingest", clock=place.clock, reader=reader) as ingest:
        await ingest.start()
        server = ingest.ingest.server
        assert server is not None
        await place.local.start()
        config = {"url": server.url, "secret": SECRET}
        made = await place.you.post(f"{REPO}/hooks", json={"config": config, "events": ["*"]})
        assert made.status_code == 201, made.text
        both = Both(place, ingest)
        await both.settle()
        yield both
    await reader.close()


async def test_an_issue_a_pull_request_and_a_merge_as_the_forge_tells_them(both: Both) -> None:
    place, ingest = both.place, both.ingest
    issue = await place.issue(place.you, labels=["proposed"])
    at = f"{REPO}/issues/{issue['number']}"
    assert (await place.you.post(f"{at}/labels", json={"labels": ["approved"]})).is_success
    comment = (await place.you.post(f"{at}/comments", json={"body": "please"})).json()
    await both.settle()
    gone = await place.you.delete(f"{REPO}/issues/comments/{comment['id']}")
    assert gone.status_code == 204
    pull = await place.pull("gatefleet/issue-1/abc")
    number, head = pull["number"], pull["head"]["sha"]
    status = {"state": "success", "context": "gatefleet/tests"}
    assert (await place.fleet.post(f"{REPO}/statuses/{head}", json=status)).is_success
    run = {"name": "ci", "head_sha": head, "status": "completed", "conclusion": "success"}
    assert (await place.fleet.post(f"{REPO}/check-runs", json=run)).is_success
    review = {"event": "APPROVE", "body": "good"}
    assert (await place.you.post(f"{REPO}/pulls/{number}/reviews", json=review)).is_success
    await both.settle()
    merged = await place.you.put(f"{REPO}/pulls/{number}/merge", json={})
    assert merged.status_code == 200, merged.text
    await both.settle()

    last = ingest.take(IssueObserved)[-1].issue
    assert set(last.labels) == {"approved", "proposed"}
    assert [each.comment.deleted for each in ingest.take(CommentObserved)] == [False, True]
    assert {each.check.name for each in ingest.take(CheckObserved)} == {"gatefleet/tests", "ci"}
    assert [each.review.state for each in ingest.take(ReviewObserved)] == ["APPROVED"]
    ended = ingest.take(PullRequestObserved)[-1].pull_request
    assert (ended.state, ended.merged, ended.merge_sha) == ("closed", True, merged.json()["sha"])
    assert ended.merged_by is not None
    assert ended.merged_by.login == "you"
    assert ingest.take(RepositoryObserved)[-1].head_sha == merged.json()["sha"]
    assert ingest.take(PushObserved)[-1].push.after == merged.json()["sha"]
    assert {each.source for each in ingest.take(PullRequestObserved)} == {"webhook"}
    assert set(both.results()) == {200, 202}


async def test_i35_lost_webhooks_are_made_good_by_the_poll(both: Both) -> None:
    both.place.forge.faults.lose_deliveries = 2
    await both.place.issue(both.place.you)
    await both.place.issue(both.place.you, title="Second")
    await both.settle()
    assert both.ingest.take(IssueObserved) == []
    await both.ingest.pass_time(400)
    assert [each.issue.number for each in both.ingest.take(IssueObserved)] == [1, 2]
    assert {each.source for each in both.ingest.take(IssueObserved)} == {"poll"}

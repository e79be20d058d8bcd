"""Each service stopped and started alone in the middle of the story; the others go on (I-36)."""

from pathlib import Path

import pytest

from tests.drills.points import passed
from tests.drills.process import Nursery
from tests.drills.stage import stage
from tests.drills.truth import assert_no_orphans, assert_once

pytestmark = [pytest.mark.timeout(1800), pytest.mark.night]

WHILE_IT_WORKS = {
    "console commit handles gate.issue.opened after": "console",
    "pm-agent sandbox python before": "pm-agent",
    "github-ingest publish observed.comment.v1 before": "github-ingest",
    "scheduler commit handles gate.issue.approved after": "scheduler",
    "dev-agent sandbox python check.py inside": "dev-agent",
    "gatekeeper git index-pack": "gatekeeper",
    "qa-agent sandbox python check.py before": "qa-agent",
}
"""In the midst of what each service does itself."""
WHILE_OTHERS_WORK = {
    "gatekeeper commit picks open-issues after": "pm-agent",
    "gatekeeper publish gate.issue.approved.v1 before": "scheduler",
    "dev-agent publish draft.change.proposed.v1 before": "gatekeeper",
    "gatekeeper git push": "github-ingest",
    "scheduler publish work.review.requested.v1 before": "qa-agent",
    "gatekeeper commit picks post-review after": "console",
    "scheduler publish work.revision.requested.v1 before": "dev-agent",
}
"""Just when another one is about to need it."""


@pytest.mark.parametrize("restarts", [WHILE_IT_WORKS, WHILE_OTHERS_WORK])
async def test_a_service_that_is_started_again_alone_goes_on_where_it_was(
    lives: Nursery, isolated: bool, tmp_path: Path, restarts: dict[str, str]
) -> None:
    """I-36: with its own settings and store, and nobody else told."""
    async with stage(tmp_path, lives, isolated=isolated) as at:
        at.restarts = dict(restarts)
        stand = await at.until_rest()
        assert await at.end() == 0
        await assert_no_orphans(at)
        await assert_once(at, stand)
        assert {each.name for each in passed(at.record) if each.hit} == set(restarts)

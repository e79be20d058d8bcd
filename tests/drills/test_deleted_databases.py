"""Databases deleted between any two steps, and a start: the repository is the truth."""

from pathlib import Path

import pytest

from tests.drills.process import Nursery
from tests.drills.stage import stage
from tests.drills.truth import assert_made_once, assert_no_orphans

pytestmark = [pytest.mark.timeout(1800), pytest.mark.night]

STEPS = (
    "gatekeeper publish gate.issue.opened.v1 after",
    "gatekeeper publish gate.issue.approved.v1 after",
    "dev-agent sandbox python check.py inside",
    "dev-agent publish draft.change.proposed.v1 after",
    "gatekeeper publish gate.pull_request.opened.v1 after",
    "qa-agent sandbox python check.py inside",
    "gatekeeper publish gate.review.posted.v1 after",
    "gatekeeper publish gate.pull_request.updated.v1 after",
    "forge POST pulls/N/requested_reviewers after",
)
"""One after each step of the story, in its order."""


@pytest.mark.parametrize(
    "forgets", [("gatekeeper",), ("scheduler",), ("gatekeeper", "scheduler")], ids="+".join
)
async def test_what_was_forgotten_at_each_step_is_learnt_again_and_nothing_is_made_twice(
    lives: Nursery, isolated: bool, tmp_path: Path, forgets: tuple[str, ...]
) -> None:
    """Approvals, branches, pull requests and verdicts are adopted from the repository (I-36, I-38)."""
    aims = dict.fromkeys(STEPS, 1)
    async with stage(tmp_path, lives, aims, isolated=isolated, forgets=forgets) as at:
        stand = await at.until_rest()
        assert await at.end() == 0
        await assert_no_orphans(at)
        where = await assert_made_once(at)
        assert at.aims == {}, "these points were never reached"
        assert (stand.dead, stand.left, stand.unsent) == ((), (), 0), where
        assert stand.chain_broken_at is None, where

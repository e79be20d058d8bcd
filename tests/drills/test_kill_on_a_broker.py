"""kill -9 of the fleet on RabbitMQ: the broker gives back what was not acknowledged (I-36, F6)."""

from pathlib import Path

import pytest

from tests.drills.process import Nursery
from tests.drills.stage import stage
from tests.drills.truth import assert_no_orphans, assert_once

pytestmark = [pytest.mark.timeout(1800), pytest.mark.night]

POINTS = (
    "scheduler publish work.proposals.requested.v1 after",
    "pm-agent ack work.proposals.requested.v1 before",
    "gatekeeper receive draft.issue.proposed.v1",
    "gatekeeper publish gate.issue.approved.v1 before",
    "dev-agent commit handles work.implementation.requested after",
    "dev-agent publish draft.change.proposed.v1 before",
    "gatekeeper ack draft.change.proposed.v1 before",
    "gatekeeper publish gate.pull_request.opened.v1 after",
    "qa-agent receive work.review.requested.v1",
    "scheduler ack gate.pull_request.closed.v1 after",
)


async def test_a_fleet_on_a_broker_that_is_killed_again_and_again_does_everything_once(
    lives: Nursery, isolated: bool, tmp_path: Path, amqp_vhost: str
) -> None:
    """I-36: around receive, commit, publish and ack, with the broker's own redelivery."""
    aims = dict.fromkeys(POINTS, 1)
    async with stage(tmp_path, lives, aims, isolated=isolated, bus=amqp_vhost) as at:
        stand = await at.until_rest()
        assert await at.end() == 0
        await assert_no_orphans(at)
        await assert_once(at, stand)
        assert at.aims == {}, "these points were never reached"

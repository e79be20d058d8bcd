"""What the ingest says in the tests of the gatekeeper: the forge as it is now."""

from dataclasses import dataclass

from shared.messages.observed import (
    CheckObserved,
    CommentObserved,
    IssueObserved,
    PullRequestObserved,
    RepositoryObserved,
)
from shared.policy import Policy, digest, dump
from tests.gatekeeper.desks import World


@dataclass
class Seeing:
    """Everything that is seen of one world."""

    world: World

    async def see_repository(self) -> None:
        """The repository was seen."""
        world = self.world
        facts = await world.reader.repository()
        protection = await world.reader.protection("main")
        await world.say(RepositoryObserved(
            repo=world.repo, default_branch="main", head_sha=facts.head_sha or "",
            policy=dump(Policy()), policy_digest=digest(Policy()), protection=protection,
        ), "github-ingest")  # fmt: skip
        await world.settle()

    async def see(self, number: int) -> None:
        """The issue as it is now was seen, and all comments on it."""
        world = self.world
        issue = await world.reader.issue(number)
        assert issue is not None
        await world.say(
            IssueObserved(repo=world.repo, issue=issue, source="webhook"), "github-ingest"
        )
        for comment in await world.reader.comments(number):
            await world.say(CommentObserved(
                repo=world.repo, comment=comment, on_pull_request=False, source="webhook"
            ), "github-ingest")  # fmt: skip
        await world.settle()

    async def see_pull(self, number: int) -> None:
        """The pull request was seen, its comments and the checks of its head."""
        world = self.world
        pull = await world.reader.pull_request(number)
        assert pull is not None
        await world.say(PullRequestObserved(
            repo=world.repo, pull_request=pull, source="webhook"
        ), "github-ingest")  # fmt: skip
        for comment in await world.reader.comments(number):
            await world.say(CommentObserved(
                repo=world.repo, comment=comment, on_pull_request=True, source="webhook"
            ), "github-ingest")  # fmt: skip
        for check in await world.reader.checks(pull.head_sha):
            await world.say(CheckObserved(
                repo=world.repo, check=check, pull_requests=(number,), source="webhook"
            ), "github-ingest")  # fmt: skip
        await world.settle()

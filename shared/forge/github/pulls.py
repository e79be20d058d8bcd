"""Pull requests and their reviews: reads."""

from collections.abc import Sequence
from datetime import datetime

from shared.errors import TryLater
from shared.forge.github.errors import UNREADABLE, NotFound
from shared.forge.github.pages import Listing, everything, pages
from shared.forge.github.resource import Resource
from shared.forge.github.shapes import PullRequestShape, ReviewCommentShape, ReviewShape
from shared.messages.objects import PullRequest, Review, ReviewComment

NO_PULL_REQUEST = "{subject}: the forge shows no such pull request; it is tried again later"


class PullRequestReads(Resource):
    """Pull requests, reviews, comments on lines."""

    async def open_pull_requests(self) -> tuple[PullRequest, ...]:
        """All open pull requests."""
        asked = {"state": "open", "sort": "created", "direction": "asc"}
        listing = Listing(f"{self._root}/pulls", self._subject(), asked)
        items = await everything(self._client, listing, shape=PullRequestShape)
        return tuple(item.pull_request() for item in items)

    async def closed_pull_requests(
        self, since: datetime, *, head_prefix: str = ""
    ) -> tuple[PullRequest, ...]:
        """Pull requests from this repository's branches, closed, and changed at or after `since`."""
        asked = {"state": "closed", "sort": "updated", "direction": "desc"}
        listing = Listing(f"{self._root}/pulls", self._subject(), asked)
        found: dict[int, PullRequest] = {}
        async for answer in pages(self._client, listing):
            items = answer.read_list(PullRequestShape, subject=self._subject())
            recent = [item.pull_request() for item in items if item.updated_at >= since]
            found.update((each.number, each) for each in recent)
            if len(recent) < len(items):
                break
        return self._ours(
            [each for each in found.values() if each.head_ref.startswith(head_prefix)]
        )

    async def pull_request(self, number: int) -> PullRequest | None:
        """One pull request, with mergeability; None when it is not there."""
        subject = self._subject(number)
        try:
            answer = await self._client.get(f"{self._root}/pulls/{number}", subject=subject)
        except NotFound:
            return None
        return answer.read(PullRequestShape, subject=subject).pull_request()

    async def changed_file_count(self, number: int) -> int:
        """How many files the forge says the pull request changes."""
        found = await self.pull_request(number)
        if found is None:
            raise TryLater(NO_PULL_REQUEST.format(subject=self._subject(number)))
        if found.changed_files is None:
            cause = "it does not count the changed files"
            raise TryLater(UNREADABLE.format(subject=self._subject(number), cause=cause))
        return found.changed_files

    async def pull_requests_of_branch(self, branch: str) -> tuple[PullRequest, ...]:
        """Pull requests of any state from this repository's branch, newest first."""
        owner = self._client.address.owner
        asked = {"state": "all", "head": f"{owner}:{branch}", "sort": "created"}
        listing = Listing(f"{self._root}/pulls", self._subject(), {**asked, "direction": "desc"})
        items = await everything(self._client, listing, shape=PullRequestShape)
        # A head that the forge does not understand is no filter at all, so it is compared here.
        found = self._ours([item.pull_request() for item in items if item.head.ref == branch])
        return tuple(sorted(found, key=lambda each: -each.number))

    def _ours(self, found: Sequence[PullRequest]) -> tuple[PullRequest, ...]:
        """Those whose branch is in this repository, not in a fork."""
        here = self._client.subject.casefold()
        return tuple(each for each in found if (each.head_repo or "").casefold() == here)

    async def reviews(self, number: int) -> tuple[Review, ...]:
        """All submitted reviews, oldest first."""
        listing = Listing(f"{self._root}/pulls/{number}/reviews", self._subject(number), {})
        items = await everything(self._client, listing, shape=ReviewShape)
        return tuple(review for item in items if (review := item.review(number)))

    async def review_comments(self, number: int) -> tuple[ReviewComment, ...]:
        """All comments on lines of the diff."""
        listing = Listing(f"{self._root}/pulls/{number}/comments", self._subject(number), {})
        items = await everything(self._client, listing, shape=ReviewCommentShape)
        return tuple(item.comment(number) for item in items)

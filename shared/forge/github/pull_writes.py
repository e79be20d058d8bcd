"""Pull requests and reviews: writes. There is no merge, and no review but a comment."""

from collections.abc import Mapping, Sequence

from shared.errors import BadInput
from shared.forge.facts import ReviewNote
from shared.forge.github.errors import UNREADABLE, Unprocessable
from shared.forge.github.issue_writes import given
from shared.forge.github.once import once, same_text
from shared.forge.github.pulls import PullRequestReads
from shared.forge.github.repository import RepositoryReads
from shared.forge.github.shapes import PullRequestShape, ReviewShape
from shared.messages.objects import PullRequest, Review


class PullRequestWrites(PullRequestReads, RepositoryReads):
    """What the fleet does to pull requests."""

    async def create_pull_request(
        self, *, head: str, base: str, title: str, body: str
    ) -> PullRequest:
        """The newest pull request from `head` into `base`, of any state, made if there is none."""
        subject = self._subject()

        async def find() -> PullRequest | None:
            found = await self.pull_requests_of_branch(head)
            return next((each for each in found if each.base_ref == base), None)

        async def make() -> PullRequest:
            asked = {"head": head, "base": base, "title": title, "body": body}
            try:
                answer = await self._client.send(
                    "POST", f"{self._root}/pulls", subject=subject, body=asked
                )
            except Unprocessable:
                # Another attempt of ours may have been first: the forge allows one per branch.
                found = await find()
                if found is None:
                    raise
                return found
            return answer.read(PullRequestShape, subject=subject).pull_request()

        return await once(find, make)

    async def update_pull_request(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> PullRequest:
        """Replace what is given; the rest stays."""
        return await self._change(number, given(title, body))

    async def close_pull_request(self, number: int) -> PullRequest:
        """Close it unmerged."""
        return await self._change(number, {"state": "closed"})

    async def _change(self, number: int, asked: Mapping[str, object]) -> PullRequest:
        subject = self._subject(number)
        answer = await self._client.send(
            "PATCH", f"{self._root}/pulls/{number}", subject=subject, body=asked
        )
        return answer.read(PullRequestShape, subject=subject).pull_request()

    async def post_review(
        self, number: int, *, sha: str, body: str, notes: Sequence[ReviewNote] = ()
    ) -> Review:
        """Comment on the changes at `sha`; the fleet's same text on the same SHA is found again."""
        subject = self._subject(number)

        async def find() -> Review | None:
            me = (await self.me()).user_id
            for review in await self.reviews(number):
                mine = review.author.id == me and review.sha == sha
                if mine and same_text(review.body, body):
                    return review
            return None

        async def make() -> Review:
            answer = await self._client.send(
                "POST",
                f"{self._root}/pulls/{number}/reviews",
                subject=subject,
                body=_review_body(sha, body, notes=notes),
            )
            made = answer.read(ReviewShape, subject=subject).review(number)
            if made is None:
                raise BadInput(UNREADABLE.format(subject=subject, cause="a review without time"))
            return made

        return await once(find, make)

    async def request_review(self, number: int, login: str) -> None:
        """Ask one person for a review."""
        path = f"{self._root}/pulls/{number}/requested_reviewers"
        asked = {"reviewers": [login]}
        await self._client.send("POST", path, subject=self._subject(number), body=asked)


def _review_body(sha: str, body: str, *, notes: Sequence[ReviewNote]) -> Mapping[str, object]:
    comments = [
        {"path": note.path, "line": note.line, "side": "RIGHT", "body": note.body} for note in notes
    ]
    asked = {"event": "COMMENT", "commit_id": sha, "body": body}
    return {**asked, "comments": comments} if comments else asked

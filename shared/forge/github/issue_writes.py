"""Issues, labels and comments: writes."""

from collections.abc import Mapping, Sequence

from shared.forge.github.errors import NotFound, Unanswered, Unprocessable
from shared.forge.github.issues import IssueReads
from shared.forge.github.once import marked, once
from shared.forge.github.pages import Listing, everything
from shared.forge.github.repository import RepositoryReads
from shared.forge.github.shapes import CommentShape, IssueShape
from shared.forge.paths import segment
from shared.messages.objects import Comment, Issue


class IssueWrites(IssueReads, RepositoryReads):
    """What the fleet does to issues."""

    async def create_issue(
        self, *, title: str, body: str, labels: Sequence[str], marker: str
    ) -> Issue:
        """The fleet's issue whose body holds `marker`, made if there is none."""
        subject = self._subject()
        marked(body, marker, subject=subject)

        async def make() -> Issue:
            asked = {"title": title, "body": body, "labels": list(labels)}
            answer = await self._client.send(
                "POST", f"{self._root}/issues", subject=subject, body=asked
            )
            return answer.read(IssueShape, subject=subject).issue()

        return await once(lambda: self._issue_with(marker), make)

    async def _issue_with(self, marker: str) -> Issue | None:
        me = await self.me()
        asked = {"state": "all", "sort": "created", "direction": "desc", "creator": me.login}
        listing = Listing(f"{self._root}/issues", self._subject(), asked)
        for item in await everything(self._client, listing, shape=IssueShape):
            mine = item.user is not None and item.user.id == me.user_id
            if mine and item.pull_request is None and marker in (item.body or ""):
                return item.issue()
        return None

    async def update_issue(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> Issue:
        """Replace what is given; the rest stays."""
        subject = self._subject(number)
        answer = await self._client.send(
            "PATCH", f"{self._root}/issues/{number}", subject=subject, body=given(title, body)
        )
        return answer.read(IssueShape, subject=subject).issue()

    async def close_issue(self, number: int) -> Issue:
        """Close it as not planned: a person declined it."""
        subject = self._subject(number)
        asked = {"state": "closed", "state_reason": "not_planned"}
        answer = await self._client.send(
            "PATCH", f"{self._root}/issues/{number}", subject=subject, body=asked
        )
        return answer.read(IssueShape, subject=subject).issue()

    async def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Put labels on an issue or pull request; those already there stay."""
        path = f"{self._root}/issues/{number}/labels"
        asked = {"labels": list(labels)}
        await self._client.send("POST", path, subject=self._subject(number), body=asked)

    async def remove_label(self, number: int, label: str) -> None:
        """Take a label off; one that is not there is fine."""
        path = f"{self._root}/issues/{number}/labels/{segment(label)}"
        try:
            await self._client.send("DELETE", path, subject=self._subject(number))
        except NotFound:
            return

    async def ensure_label(self, name: str, *, color: str, description: str) -> None:
        """Make the label if the repository does not have it; one that exists is left as it is."""
        if await self._has_label(name):
            return
        asked = {"name": name, "color": color, "description": description}
        try:
            await self._client.send(
                "POST", f"{self._root}/labels", subject=self._subject(), body=asked
            )
        except (Unanswered, Unprocessable):
            if not await self._has_label(name):
                raise

    async def _has_label(self, name: str) -> bool:
        try:
            await self._client.get(f"{self._root}/labels/{segment(name)}", subject=self._subject())
        except NotFound:
            return False
        return True

    async def create_comment(self, number: int, *, body: str, marker: str) -> Comment:
        """The fleet's comment there whose body holds `marker`, made if there is none."""
        subject = self._subject(number)
        marked(body, marker, subject=subject)

        async def make() -> Comment:
            path = f"{self._root}/issues/{number}/comments"
            answer = await self._client.send("POST", path, subject=subject, body={"body": body})
            return answer.read(CommentShape, subject=subject).comment(number)

        return await once(lambda: self._comment_with(number, marker), make)

    async def _comment_with(self, number: int, marker: str) -> Comment | None:
        me = (await self.me()).user_id
        found = await self.comments(number)
        return next((it for it in found if it.author.id == me and marker in it.body), None)

    async def edit_comment(self, comment: int, *, body: str) -> Comment:
        """Replace the text of one of the fleet's comments."""
        answer = await self._client.send(
            "PATCH",
            f"{self._root}/issues/comments/{comment}",
            subject=self._subject(),
            body={"body": body},
        )
        item = answer.read(CommentShape, subject=self._subject())
        return item.comment(self._number_of(item))


def given(title: str | None, body: str | None) -> Mapping[str, object]:
    """The fields that were given."""
    asked = {"title": title, "body": body}
    return {key: value for key, value in asked.items() if value is not None}

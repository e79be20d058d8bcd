"""A person's own hand on the forge: what commands of people do, with the person's own token."""

import httpx

from shared.clock import Clock
from shared.forge.facts import ForgeAddress
from shared.forge.github.client import Client, Token
from shared.forge.github.edits import EditReads
from shared.forge.github.errors import NotFound, Unprocessable
from shared.forge.github.issues import IssueReads
from shared.forge.github.repository import RepositoryReads
from shared.forge.github.shapes import CommentShape, IssueShape
from shared.forge.github.timeline import TimelineReads
from shared.forge.guard import Guard
from shared.forge.operations import person_operations
from shared.forge.paths import segment
from shared.messages.objects import Comment, Issue


class GitHubPerson(IssueReads, TimelineReads, EditReads, RepositoryReads):
    """Reads, and the few things that a command does in a person's name. No merge, no label that
    approves: an approval is a comment that names its text."""

    async def say(self, number: int, body: str) -> Comment:
        """Comment; what is said twice stands there twice."""
        subject = self._subject(number)
        answer = await self._client.send(
            "POST", f"{self._root}/issues/{number}/comments", subject=subject, body={"body": body}
        )
        return answer.read(CommentShape, subject=subject).comment(number)

    async def close_issue(self, number: int) -> Issue:
        """Close it as not planned."""
        subject = self._subject(number)
        asked = {"state": "closed", "state_reason": "not_planned"}
        answer = await self._client.send(
            "PATCH", f"{self._root}/issues/{number}", subject=subject, body=asked
        )
        return answer.read(IssueShape, subject=subject).issue()

    async def open_labelled(self, *, title: str, body: str, label: str) -> Issue:
        """A new issue that carries one of the labels that stop."""
        subject = self._subject()
        asked = {"title": title, "body": body, "labels": [label]}
        answer = await self._client.send(
            "POST", f"{self._root}/issues", subject=subject, body=asked
        )
        return answer.read(IssueShape, subject=subject).issue()

    async def ensure_label(self, name: str, *, color: str, description: str) -> None:
        """Make the label if the repository does not have it."""
        subject = self._subject()
        try:
            await self._client.get(f"{self._root}/labels/{segment(name)}", subject=subject)
        except NotFound:
            asked = {"name": name, "color": color, "description": description}
            try:
                await self._client.send("POST", f"{self._root}/labels", subject=subject, body=asked)
            except Unprocessable:
                return  # somebody else just made it

    async def take_label_off(self, number: int, label: str) -> None:
        """Take a label off; one that is not there is fine."""
        path = f"{self._root}/issues/{number}/labels/{segment(label)}"
        try:
            await self._client.send("DELETE", path, subject=self._subject(number))
        except NotFound:
            return


def open_person(
    address: ForgeAddress,
    *,
    token: Token,
    clock: Clock,
    transport: httpx.AsyncBaseTransport | None = None,
) -> GitHubPerson:
    """A person's hand on one repository; `transport` replaces the network. Close it afterwards."""
    inner = transport or httpx.AsyncHTTPTransport(proxy=address.proxy, trust_env=False)
    guard = Guard(inner, address=address, operations=person_operations(address))
    return GitHubPerson(Client(address, guard, token=token, clock=clock))

"""What a person can do on an issue's page (most of it on a pull request's, too)."""

from starlette.responses import Response

from services.local_forge.pages.attention import APPROVED
from services.local_forge.pages.issue_text import require_unchanged
from services.local_forge.pages.site import Ask, go
from services.local_forge.tables import Issue


async def create(ask: Ask) -> Response:
    """A new issue."""
    repo = ask.repo()
    body = ask.form.get("body", "") or None
    issue = ask.forge.issues.create(
        repo, actor=ask.actor, title=ask.form.get("title", ""), body=body
    )
    return go(page_of(issue))


async def comment(ask: Ask) -> Response:
    """A comment."""
    issue = ask.issue()
    made = ask.forge.comments.create(issue, actor=ask.actor, body=_text(ask))
    return go(f"{page_of(issue)}#comment-{made.id}")


async def approve(ask: Ask) -> Response:
    """Gate 1 by label, for the text that was shown. Needs the write role."""
    issue = ask.issue()
    ask.forge.roles.require(issue.repository, ask.actor, "write")
    require_unchanged(ask.forge, issue, seen=ask.form.get("digest", ""))
    ask.forge.labels.add(issue, actor=ask.actor, names=[APPROVED])
    return go(page_of(issue))


async def decline(ask: Ask) -> Response:
    """Close as not planned, with the reason as a comment where one was given. Needs write."""
    issue = ask.issue()
    ask.forge.roles.require(issue.repository, ask.actor, "write")
    if _text(ask).strip():
        ask.forge.comments.create(issue, actor=ask.actor, body=_text(ask))
    ask.forge.issues.close(issue, actor=ask.actor, reason="not_planned")
    return go(page_of(issue))


async def close(ask: Ask) -> Response:
    """Close: an issue as completed, a pull request without merging."""
    issue = ask.issue()
    ask.forge.issues.close(issue, actor=ask.actor)
    return go(page_of(issue))


async def reopen(ask: Ask) -> Response:
    """Open again."""
    issue = ask.issue()
    ask.forge.issues.reopen(issue, actor=ask.actor)
    return go(page_of(issue))


async def add_label(ask: Ask) -> Response:
    """Put a label on; only one that the repository has."""
    issue = ask.issue()
    label = ask.forge.labels.get(issue.repository, ask.form.get("label", ""))
    ask.forge.labels.add(issue, actor=ask.actor, names=[label.name])
    return go(page_of(issue))


async def remove_label(ask: Ask) -> Response:
    """Take a label off."""
    issue = ask.issue()
    ask.forge.labels.remove(issue, actor=ask.actor, name=ask.form.get("label", ""))
    return go(page_of(issue))


def page_of(issue: Issue) -> str:
    """Where the issue or pull request is read."""
    kind = "issues" if issue.pull is None else "pull"
    return f"/{issue.repository.full_name}/{kind}/{issue.number}"


def _text(ask: Ask) -> str:
    """What was written; browsers send CRLF, Markdown and digests want LF."""
    return ask.form.get("body", "").replace("\r\n", "\n")

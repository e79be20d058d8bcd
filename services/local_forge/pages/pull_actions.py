"""Gate 2 as a person works it: review and merge the head that the page showed."""

from starlette.responses import Response

from services.local_forge.domain.merging import HEAD_MOVED
from services.local_forge.domain.reviews import NewReview, Verdict
from services.local_forge.pages.issue_actions import page_of
from services.local_forge.pages.site import Ask, go
from services.local_forge.problems import Conflict
from services.local_forge.shape.pulls import pull_of
from services.local_forge.tables import Issue


async def ask_for_changes(ask: Ask) -> Response:
    """A review that asks for changes; it needs a text."""
    return await _review(ask, "REQUEST_CHANGES")


async def approve(ask: Ask) -> Response:
    """A review that approves."""
    return await _review(ask, "APPROVE")


async def merge(ask: Ask) -> Response:
    """Approve and merge."""
    issue = _as_shown(ask)
    await ask.forge.merging.merge_as_person(issue, actor=ask.actor)
    return go(page_of(issue))


async def _review(ask: Ask, event: Verdict) -> Response:
    issue = _as_shown(ask)
    body = ask.form.get("body", "").replace("\r\n", "\n")
    review = NewReview(event, body=body, commit_id=pull_of(issue).head_sha)
    made = await ask.forge.reviews.create(issue, actor=ask.actor, ask=review)
    return go(f"{page_of(issue)}#review-{made.id}")


def _as_shown(ask: Ask) -> Issue:
    """The pull request; Conflict where its head is not the one that the form was shown with."""
    issue = ask.pull()
    if ask.form.get("head") != pull_of(issue).head_sha:
        raise Conflict(HEAD_MOVED)
    return issue

"""Reviews of pull requests and their comments on lines."""

from pydantic import Field

from services.local_forge.domain.hunks import Side
from services.local_forge.domain.reviews import Inline, NewReview, Verdict
from services.local_forge.rest.answer import Answer
from services.local_forge.rest.bodies import Body
from services.local_forge.rest.call import Call
from services.local_forge.rest.operation import Operation
from services.local_forge.shape.reviews import review_comment_json, review_json

_ONE = "/repos/{owner}/{repo}/pulls/{number}"


class InlineBody(Body):
    """A comment on a line."""

    path: str
    line: int
    body: str
    side: Side = "RIGHT"


class ReviewBody(Body):
    """POST reviews; `event` is asked for, since this forge keeps no drafts of reviews."""

    event: Verdict
    body: str = ""
    commit_id: str | None = None
    comments: list[InlineBody] = Field(default_factory=list)


def listed(call: Call) -> Answer:
    """All reviews, oldest first."""
    issue, links = call.pull(), call.links
    rows = call.forge.reviews.of(issue)
    return call.listed(rows, lambda review: review_json(review, issue, links))


def one(call: Call) -> Answer:
    """A review."""
    issue = call.pull()
    review = call.forge.reviews.get(issue, call.number("id"))
    return Answer(review_json(review, issue, call.links))


async def create(call: Call) -> Answer:
    """Submit a review."""
    issue, body = call.pull(), call.read(ReviewBody)
    comments = [Inline(one.path, one.line, one.body, one.side) for one in body.comments]
    ask = NewReview(body.event, body.body, comments, body.commit_id)
    review = await call.forge.reviews.create(issue, actor=call.actor, ask=ask)
    return Answer(review_json(review, issue, call.links))


def comments(call: Call) -> Answer:
    """All comments on lines of a pull request."""
    issue, links = call.pull(), call.links
    rows = call.forge.reviews.comments(issue)
    return call.listed(rows, lambda comment: review_comment_json(comment, issue, links))


def comments_of_one(call: Call) -> Answer:
    """The comments on lines of one review."""
    issue, links = call.pull(), call.links
    review = call.forge.reviews.get(issue, call.number("id"))
    rows = [one for one in call.forge.reviews.comments(issue) if one.review_id == review.id]
    return call.listed(rows, lambda comment: review_comment_json(comment, issue, links))


OPERATIONS = (
    Operation("GET", f"{_ONE}/reviews", listed),
    Operation("POST", f"{_ONE}/reviews", create),
    Operation("GET", f"{_ONE}/reviews/{{id}}", one),
    Operation("GET", f"{_ONE}/reviews/{{id}}/comments", comments_of_one),
    Operation("GET", f"{_ONE}/comments", comments),
)

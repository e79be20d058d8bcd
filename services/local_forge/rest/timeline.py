"""The timeline of an issue or of a pull request."""

from services.local_forge.rest.answer import Answer
from services.local_forge.rest.call import Call
from services.local_forge.rest.operation import Operation
from services.local_forge.shape.timeline import Sources, event_json
from services.local_forge.tables import Issue


def _sources(call: Call, issue: Issue) -> Sources:
    forge = call.forge
    accounts = {account.id: account for account in forge.accounts.all()}
    reviews = forge.reviews.of(issue) if issue.pull is not None else ()
    return Sources(
        links=call.links,
        issue=issue,
        comments={comment.id: comment for comment in forge.comments.of(issue)},
        reviews={review.id: review for review in reviews},
        accounts=accounts,
        find=lambda number: forge.issues.find(issue.repository, number),
    )


def listed(call: Call) -> Answer:
    """Everything that happened, oldest first."""
    issue = call.issue()
    sources = _sources(call, issue)
    rows = call.forge.timeline.of(issue)
    return call.listed(rows, lambda event: event_json(event, sources))


OPERATIONS = (Operation("GET", "/repos/{owner}/{repo}/issues/{number}/timeline", listed),)

"""All operations of the API; where two paths could match, the first one wins."""

from services.local_forge import graphql
from services.local_forge.rest import (
    branches,
    checks,
    comments,
    commits,
    contents,
    hooks,
    issues,
    labels,
    people,
    pulls,
    refs,
    repositories,
    reviews,
    statuses,
    timeline,
)
from services.local_forge.rest.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *people.OPERATIONS,
    *repositories.OPERATIONS,
    *comments.OPERATIONS,
    *issues.OPERATIONS,
    *labels.OPERATIONS,
    *timeline.OPERATIONS,
    *pulls.OPERATIONS,
    *reviews.OPERATIONS,
    *statuses.OPERATIONS,
    *checks.OPERATIONS,
    *commits.OPERATIONS,
    *branches.OPERATIONS,
    *refs.OPERATIONS,
    *contents.OPERATIONS,
    *hooks.OPERATIONS,
    *graphql.OPERATIONS,
)

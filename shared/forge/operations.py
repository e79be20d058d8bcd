"""Every operation there is: method, path, query and body. What is not here cannot be sent.

Merge, approval, dismissal, auto-merge, refs, contents, protection, rulesets, collaborators, hooks,
secrets, keys, releases, workflow runs and dispatches are absent, and so unreachable.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.forge import bodies
from shared.forge.facts import ForgeAddress
from shared.forge.paths import matches

EDITS_NAME = "GatefleetEdits"
EDITS_QUERY = (
    "query GatefleetEdits($owner: String!, $name: String!, $number: Int!) {"
    " repository(owner: $owner, name: $name) { issue(number: $number) {"
    " id lastEditedAt editor { ...who }"
    " userContentEdits(first: 100) { totalCount nodes { editedAt editor { ...who } } }"
    " comments(first: 100) { totalCount nodes { databaseId lastEditedAt editor { ...who } } }"
    " } } }"
    " fragment who on Actor { __typename login ... on User { databaseId }"
    " ... on Bot { databaseId } ... on Organization { databaseId } }"
)

_PAGING = frozenset({"per_page", "page"})


@dataclass(frozen=True)
class Operation:
    """One thing that may be asked of the forge. `within` is the root of its path."""

    method: str
    template: tuple[str, ...]
    query: frozenset[str] = frozenset()
    body: bodies.Allowed = bodies.nothing
    refused_words: frozenset[str] = frozenset()
    """Values that the path's last segment may not have, compared without case."""

    def allows_path(self, method: str, parts: tuple[str, ...]) -> bool:
        """Whether method and decoded path segments are this operation's."""
        if method != self.method or not matches(self.template, parts):
            return False
        return parts[-1].strip().casefold() not in {word.casefold() for word in self.refused_words}


def find(
    operations: Iterable[Operation], *, method: str, parts: tuple[str, ...]
) -> Operation | None:
    """The operation that method and path name, if there is one."""
    return next((each for each in operations if each.allows_path(method, parts)), None)


def reader_operations(address: ForgeAddress) -> tuple[Operation, ...]:
    """What a reader may ask: GETs within its repository, and the one fixed GraphQL query."""
    root = ("repos", address.owner, address.name)

    def get(path: str, *query: str, paged: bool = False) -> Operation:
        template = (*root, *path.split("/")) if path else root
        return Operation("GET", template, frozenset(query) | (_PAGING if paged else frozenset()))

    return (
        Operation("GET", ("user",)),
        Operation("GET", ("users", "{login}")),
        get(""),
        get("labels", paged=True),
        get("issues", "state", "sort", "direction", "since", "creator", "labels", paged=True),
        get("issues/comments", "sort", "direction", "since", paged=True),
        get("issues/{n}"),
        get("issues/{n}/comments", paged=True),
        get("issues/{n}/timeline", paged=True),
        get("collaborators/{login}/permission"),
        get("pulls", "state", "sort", "direction", "head", "base", paged=True),
        get("pulls/{n}"),
        get("pulls/{n}/reviews", paged=True),
        get("pulls/{n}/comments", paged=True),
        get("commits/{sha}/check-runs", "filter", "check_name", paged=True),
        get("commits/{sha}/statuses", paged=True),
        get("commits/{sha}/status", paged=True),
        get("rules/branches/{word}", paged=True),
        get("rulesets/{id}", "includes_parents"),
        get("branches/{word}/protection"),
        get("contents/{words*}", "ref"),
        get("git/ref/heads/{words*}"),
        get("git/matching-refs/heads", "page"),
        get("git/matching-refs/heads/{words*}", "page"),
        graphql_operation(address),
        *redelivery_operations(address),
    )


def graphql_operation(address: ForgeAddress) -> Operation:
    """The one query: who edited an issue and its comments, and when."""
    body = bodies.fixed_query(
        EDITS_QUERY, name=EDITS_NAME, owner=address.owner, repository=address.name
    )
    return Operation("POST", ("graphql",), body=body)


def redelivery_operations(address: ForgeAddress) -> tuple[Operation, ...]:
    """Deliveries of the one webhook that was named; none when none was."""
    if address.hook_id is None:
        return ()
    root = ("repos", address.owner, address.name, "hooks", str(address.hook_id), "deliveries")
    return (
        Operation("GET", root, frozenset({"per_page", "cursor"})),
        Operation("POST", (*root, "{id}", "attempts")),
    )


def writer_operations(address: ForgeAddress) -> tuple[Operation, ...]:
    """What the gatekeeper may ask: all reads, and the writes of issues, reviews and verdicts."""
    root = ("repos", address.owner, address.name)

    def write(method: str, path: str, *, body: bodies.Allowed) -> Operation:
        return Operation(method, (*root, *path.split("/")), body=body)

    return (
        *reader_operations(address),
        Operation("GET", (*root, "labels", "{word}")),
        write("POST", "labels", body=bodies.LABEL),
        write("POST", "issues", body=bodies.issue(address.approval_labels)),
        write("PATCH", "issues/{n}", body=bodies.ISSUE_CHANGE),
        write("POST", "issues/{n}/labels", body=bodies.new_labels(address.approval_labels)),
        Operation(
            "DELETE",
            (*root, "issues", "{n}", "labels", "{word}"),
            refused_words=address.stop_labels,
        ),
        write("POST", "issues/{n}/comments", body=bodies.COMMENT),
        write("PATCH", "issues/comments/{id}", body=bodies.COMMENT),
        write("POST", "pulls", body=bodies.PULL_REQUEST),
        write("PATCH", "pulls/{n}", body=bodies.PULL_CHANGE),
        write("POST", "pulls/{n}/reviews", body=bodies.REVIEW),
        write("POST", "pulls/{n}/requested_reviewers", body=bodies.REVIEWERS),
        write("POST", "check-runs", body=bodies.CHECK_RUN),
        write("PATCH", "check-runs/{id}", body=bodies.CHECK_RUN_CHANGE),
        write("POST", "statuses/{sha}", body=bodies.STATUS),
    )


def person_operations(address: ForgeAddress) -> tuple[Operation, ...]:
    """What a person's command may ask with the person's own token: all reads, comments, closing an
    issue as declined, and the labels that stop. No merge here either: that is done on the page."""
    root = ("repos", address.owner, address.name)
    one = (*root, "issues", "{n}")
    stop = address.stop_labels
    takes_off = [
        Operation("DELETE", (*one, "labels", label), body=bodies.nothing) for label in sorted(stop)
    ]
    return (
        *reader_operations(address),
        Operation("GET", (*root, "labels", "{word}")),
        Operation("POST", (*root, "labels"), body=bodies.LABEL),
        Operation("POST", (*one, "comments"), body=bodies.PERSONS_COMMENT),
        Operation("PATCH", one, body=bodies.ISSUE_CLOSE),
        Operation("POST", (*root, "issues"), body=bodies.issue_with(stop)),
        Operation("POST", (*one, "labels"), body=bodies.only_labels(stop)),
        *takes_off,
    )

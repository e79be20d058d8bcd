"""Which addresses belong to the API."""

ROOTS = frozenset(
    {"app", "graphql", "installation", "orgs", "rate_limit", "repos", "search", "user", "users"}
)
"""First words of a path that no page and no owner of repositories may have."""

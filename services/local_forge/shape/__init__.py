"""How rows look as GitHub's JSON: one file a resource, pure functions."""

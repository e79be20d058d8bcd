"""GitHub's REST paths over the forge's domain: one file a resource."""

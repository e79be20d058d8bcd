"""qa-agent: judges a head on the merge with its base, by deterministic checks."""

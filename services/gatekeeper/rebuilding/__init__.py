"""The repository is the truth: what the gatekeeper learns again when its database is gone."""

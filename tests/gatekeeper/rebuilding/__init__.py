"""What the gatekeeper learns again from the repository."""

"""The `gatefleet` command."""

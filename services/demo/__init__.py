"""The whole loop on one machine, on a bundled sample repository."""

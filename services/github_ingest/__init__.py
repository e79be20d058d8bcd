"""github-ingest: hears of the forge by webhook, poll and reconcile, and says `observed.*`."""

"""Shows what is noted of the work: as metrics of Prometheus, and as spans of OpenTelemetry."""

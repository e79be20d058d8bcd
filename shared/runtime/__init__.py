"""What every process needs around its service: settings, logs, start and stop."""

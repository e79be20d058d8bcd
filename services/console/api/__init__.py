"""The console over HTTP: JSON, a stream of changes, and the door for custom events."""

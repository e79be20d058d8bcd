"""Saying a message on the bus, and hearing what came of it."""

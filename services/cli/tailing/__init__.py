"""Showing messages as they come."""

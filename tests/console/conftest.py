"""Databases for tests of the console's store."""

from tests.databases import database

__all__ = ["database"]

"""The databases that these tests run on."""

from tests.databases import database

__all__ = ["database"]

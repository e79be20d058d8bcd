"""Tests of the client of GitHub's REST API."""

"""Tests of services/github_ingest."""

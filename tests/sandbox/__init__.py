"""Tests of shared/sandbox."""

"""Tests of shared/engines."""

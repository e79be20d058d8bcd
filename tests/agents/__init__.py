"""Tests of shared/agents."""

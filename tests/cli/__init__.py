"""Tests of services/cli."""

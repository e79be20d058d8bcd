"""Tests of services/console."""

"""Tests of services/fleet."""

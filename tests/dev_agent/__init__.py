"""Tests of services.dev_agent."""

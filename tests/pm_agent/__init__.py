"""Tests of services/pm_agent."""

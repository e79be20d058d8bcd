"""Tests of services.qa_agent."""

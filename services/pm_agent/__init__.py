"""Looks at a repository with its own tools and proposes issues that a person would approve."""

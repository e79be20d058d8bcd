"""Decides what is worked on, when, by how many, and for how much; keeps the leases."""

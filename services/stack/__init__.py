"""Prepares the stack before anything starts: settings are checked, secrets made and dealt out."""

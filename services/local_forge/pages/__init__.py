"""Plain web pages for a person: read, approve, comment, ask for changes, merge."""

"""Jobs that look: a live read, then a pure decision, then its record. They change nothing outside."""

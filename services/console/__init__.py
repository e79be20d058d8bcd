"""Listens to everything and keeps the story of every issue: what people read comes from here."""

"""Everything that the fleet writes for people on the forge, one file a kind of text."""

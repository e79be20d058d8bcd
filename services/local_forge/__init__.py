"""local-forge: a small forge with GitHub's REST shape, so that the loop runs without an account."""

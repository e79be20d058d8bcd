"""GitHub's published description of the operations we use, and a transport that holds us to it."""

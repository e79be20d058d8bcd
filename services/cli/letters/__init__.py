"""Dead letters, wherever they are kept."""

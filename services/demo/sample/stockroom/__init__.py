"""Stock levels, orders and price lists of a small shop."""

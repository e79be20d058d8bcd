"""Jobs that act on the forge: each re-gates first, and finds its own earlier work again."""

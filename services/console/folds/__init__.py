"""One message into one record: pure, and the same whatever came before or comes again."""

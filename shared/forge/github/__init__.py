"""GitHub and what speaks its REST API (Enterprise, local-forge). Its types do not leave here."""

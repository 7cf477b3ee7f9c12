"""Transactions as they arrive, and those to look at."""

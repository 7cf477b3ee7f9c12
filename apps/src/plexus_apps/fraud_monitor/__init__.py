"""Monitoring of transactions: a stream is scored, and flagged transactions become alerts."""

"""Fraud: the few bad transactions among the many."""

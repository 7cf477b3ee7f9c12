"""Fraud detection in transactions."""

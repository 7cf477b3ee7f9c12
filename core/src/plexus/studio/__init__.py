"""Plexus Studio: pages to explore data, train, compare, understand and use models."""

"""Clustering: groups in data that nobody labelled."""

"""Clustering of tables, images and texts without labels."""

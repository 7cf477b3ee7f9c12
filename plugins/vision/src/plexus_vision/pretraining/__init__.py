"""Pretraining of image networks without labels."""

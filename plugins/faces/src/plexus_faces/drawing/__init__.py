"""Portraits of persons who do not exist."""

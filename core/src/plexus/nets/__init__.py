"""Layers and networks shared by several domains."""

"""Balancing, landing: an agent to watch, and to play against."""

"""Sentiment classification."""

"""What texts feel."""

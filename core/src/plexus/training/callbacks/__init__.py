"""Training callbacks, one class a file."""

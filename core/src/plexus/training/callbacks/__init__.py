"""Training callbacks, one class per file."""

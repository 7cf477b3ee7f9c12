"""Files, messages, formatting and user settings."""

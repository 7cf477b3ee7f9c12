"""Files, settings, messages and formatting."""

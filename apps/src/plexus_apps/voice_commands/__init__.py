"""Which words are said, and when."""

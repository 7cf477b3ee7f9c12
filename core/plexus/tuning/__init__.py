"""Options found by trying."""

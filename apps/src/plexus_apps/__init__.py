"""Applications with a demo and a page in the browser."""

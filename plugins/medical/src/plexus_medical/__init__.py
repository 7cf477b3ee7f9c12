"""Binary outcomes of medical images."""

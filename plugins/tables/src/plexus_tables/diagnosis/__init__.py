"""The task `tables.diagnose`: outcomes of patients from tables."""

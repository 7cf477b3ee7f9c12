"""Classification, regression, diagnosis and credit risk from tables."""

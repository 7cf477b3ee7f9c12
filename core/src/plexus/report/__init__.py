"""Reports of trainings, figures, model cards and the page of the demos."""

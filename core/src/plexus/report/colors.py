"""Colors of figures, the same in all reports, explanations and pages."""

BLUE = "#2a6fdb"
"""The model, and what speaks for the label."""
RED = "#c8372d"
"""Errors, the event, and what speaks against the label."""
ORANGE = "#cb6d0d"
"""A value that the user chose."""
GREY = "#b9c0cb"
"""Reference lines, grids and intervals."""
DARK_GREY = "#6b7480"
"""A second series next to a colored one."""
SERIES = (BLUE, "#d98c1f", "#2f9e60", "#8657c9", DARK_GREY)
"""Curves of one figure, in order."""

"""Which feature of which array belongs to which column."""

from collections.abc import Sequence

import numpy as np

from plexus_tables.column_encoder import ColumnEncoder
from plexus_tables.date_parts import date_parts

_NO_PLACE = -9


class FeatureLayout:
    """The features of the arrays of a `TableEncoder`, in order.

    Args:
        columns: Encoders of the columns.

    Attributes:
        numeric: Columns of numbers, ranks and dates.
        categorical: Columns of categories.
        centers: Of each feature in `numbers`, shape `(c,)`.
        scales: Of each feature in `numbers`, shape `(c,)`.
        hot_columns: Of each category feature, the index in `categorical` of its column.
        hot_places: Of each category feature, the place of the category that is 1.
        negative_places: Of each category feature, the place of the category that is -1, if there is one.
        flagged_numbers: Indices in `numeric` of the columns with a flag for missing values.
        flagged_places: Indices in `categorical` of the columns with a flag for missing values.
        coded: Indices in `categorical` of the columns with codes.
        code_sizes: Number of codes of each of these columns, 0 included.
        feature_columns: For each array, the index of each feature's column.
        feature_names: For each array, the name of each feature.

    Example:
        ```python
        layout = FeatureLayout([ColumnEncoder("color", "categorical", categories=("red", "blue", "green"))])
        layout.feature_names["indicators"]  # ["color = red", "color = blue", "color = green"]
        ```
    """

    def __init__(self, columns: Sequence[ColumnEncoder]) -> None:
        self.numeric = [column for column in columns if column.kind != "categorical"]
        self.categorical = [column for column in columns if column.kind == "categorical"]
        self.centers = np.array([center for column in self.numeric for center in column.centers], float)
        self.scales = np.array([scale for column in self.numeric for scale in column.scales], float)
        hot = [(index, *places) for index, column in enumerate(self.categorical) for places in _hot_places(column)]
        self.hot_columns, self.hot_places, self.negative_places = np.array(hot, int).reshape(-1, 3).T
        self.flagged_numbers = np.flatnonzero([column.flag_missing for column in self.numeric])
        self.flagged_places = np.flatnonzero([column.flag_missing for column in self.categorical])
        self.coded = np.flatnonzero([column.has_code for column in self.categorical])
        self.code_sizes = [len(column.categories) + 1 for column in self.categorical if column.has_code]
        ends = np.cumsum([len(column.centers) for column in self.numeric]).tolist()
        self._sources = np.repeat(np.arange(len(self.numeric)), [len(column.centers) for column in self.numeric])
        self._dates = [
            (index, slice(end - len(column.centers) + 1, end), column.parts)
            for index, (column, end) in enumerate(zip(self.numeric, ends, strict=True))
            if column.parts
        ]
        flagged = [column for column in (*self.numeric, *self.categorical) if column.flag_missing]
        features = {
            "numbers": [(column, name) for column in self.numeric for name in column.number_names],
            "indicators": [
                *((column, name) for column in self.categorical for name in column.indicator_names),
                *((column, f"{column.name} is missing") for column in flagged),
            ],
            "codes": [(column, column.name) for column in self.categorical if column.has_code],
        }
        places = {column.name: place for place, column in enumerate(columns)}
        self.feature_columns = {
            array: np.array([places[column.name] for column, _ in pairs]) for array, pairs in features.items() if pairs
        }
        self.feature_names = {array: [name for _, name in pairs] for array, pairs in features.items() if pairs}

    def expand(self, numbers: np.ndarray) -> np.ndarray:
        """Return the features in `numbers` before scaling: of a date also its parts.

        Args:
            numbers: One value per column of `numeric`, shape `(n, columns)`.

        Returns:
            Array of shape `(n, c)`.
        """
        if not self._dates:
            return numbers
        features = numbers[:, self._sources]
        for index, places, parts in self._dates:
            features[:, places] = date_parts(numbers[:, index], parts)
        return features


def _hot_places(column: ColumnEncoder) -> list[tuple[int, int]]:
    """Return of each category feature the places of the categories that are 1 and -1."""
    if column.has_code:
        return []
    if len(column.categories) == 2:
        return [(2, 1)]
    return [(place, _NO_PLACE) for place in range(1, len(column.categories) + 1)]

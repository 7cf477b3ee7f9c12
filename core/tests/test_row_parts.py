"""Functions of rows, part by part."""

import numpy as np
from threadpoolctl import threadpool_info

from plexus.utils.row_parts import map_rows

VALUES = np.arange(1000.0).reshape(-1, 2)


def blas_threads():
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_the_parts_are_joined_in_order():
    parts = []
    result = map_rows(lambda part: parts.append(part) or VALUES[part] * 2, len(VALUES), 7)
    np.testing.assert_array_equal(result, VALUES * 2)
    assert sorted(part.start for part in parts) == list(range(0, 500, 7))


def test_few_rows_are_one_part():
    np.testing.assert_array_equal(map_rows(lambda part: VALUES[part], len(VALUES), 500), VALUES)
    assert map_rows(lambda part: VALUES[:0][part], 0, 500).shape == (0, 2)


def test_matrix_products_of_a_part_have_one_thread():
    np.zeros((2, 2)) @ np.zeros((2, 2))
    before = blas_threads()
    inside = map_rows(lambda part: np.full(part.stop - part.start, max(blas_threads())), 40, 10)
    assert set(inside) == {1}
    assert blas_threads() == before

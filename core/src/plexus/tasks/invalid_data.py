"""The error for data that an estimator cannot learn from."""

from plexus.errors import InputError


class InvalidDataError(InputError, ValueError):
    """X or y of an estimator is wrong; scikit-learn expects a `ValueError`.

    Example:
        ```python
        raise InvalidDataError("X has 3 inputs and y has 2 labels: expected as many")
        ```
    """

"""Labels that are probably wrong: confident learning (Northcutt, Jiang & Chuang 2021, arXiv:1911.00068).

The authors' library, cleanlab, has a licence (AGPL) that a package under Apache 2.0 cannot depend on.
"""

from dataclasses import dataclass

import numpy as np

from plexus.errors import InputError

FOLDS = 5
MIN_PER_CLASS = 5
"""Examples of a class, at least; labels of rarer classes are not checked."""


@dataclass(frozen=True)
class LabelError:
    """A label that is probably wrong.

    Args:
        row: Index of the example.
        suggested: The class that the example probably belongs to.
        label_probability: Out-of-fold probability of the label that the example has.
        suggested_probability: Out-of-fold probability of the suggested class.

    Example:
        ```python
        for error in find_label_errors(probabilities, classes)[:10]:
            print(error.row, labels[classes[error.row]], "→", labels[error.suggested])
        ```
    """

    row: int
    suggested: int
    label_probability: float
    suggested_probability: float


def find_label_errors(probabilities: np.ndarray, classes: np.ndarray) -> list[LabelError]:
    """Return the examples off the diagonal of the confident joint (section 3.1), the most certain errors first.

    The threshold of a class is the mean probability of the class over the examples with its label: an example counts as
    one of another class if the probability of that class exceeds its threshold, and is the largest of those that do.
    The order is that of the normalized margin (appendix B): the probability of the label less the largest other one.

    Args:
        probabilities: Out-of-fold probabilities of shape `(n, classes)`.
        classes: Class of each example by its label, from 0, shape `(n,)`; each class occurs.

    Returns:
        The examples whose label is probably wrong.
    """
    rows = np.arange(len(classes))
    own = probabilities[rows, classes]
    thresholds = np.bincount(classes, own) / np.bincount(classes)
    confident = np.where(probabilities >= thresholds, probabilities, -1.0)
    suggested = confident.argmax(axis=1)
    wrong = np.flatnonzero((confident[rows, suggested] >= 0) & (suggested != classes))
    others = probabilities.copy()
    others[rows, classes] = -1
    order = wrong[np.argsort((own - others.max(axis=1))[wrong], kind="stable")]
    return [
        LabelError(int(row), int(suggested[row]), float(own[row]), float(probabilities[row, suggested[row]]))
        for row in order
    ]


def checked_rows(labels: np.ndarray) -> np.ndarray:
    """Return the examples of the classes that have enough of them.

    Args:
        labels: Labels of shape `(n,)`.

    Returns:
        Indices in ascending order.

    Raises:
        InputError: If fewer than two classes have enough examples.
    """
    names, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if (counts >= MIN_PER_CLASS).sum() < 2:
        raise InputError(
            f"label errors are found by comparing classes: expected two classes of {MIN_PER_CLASS} examples or more, "
            f"found {', '.join(f'{name} ({count})' for name, count in list(zip(names, counts, strict=True))[:3])}"
        )
    return np.flatnonzero(counts[inverse] >= MIN_PER_CLASS)

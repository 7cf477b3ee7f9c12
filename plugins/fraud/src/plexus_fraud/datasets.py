"""Named sets of transactions."""

import numpy as np

from plexus.data.named import NamedDataset, RemoteFile
from plexus_fraud.simulate import World, simulate

_HANDBOOK = "https://github.com/Fraud-Detection-Handbook/simulated-data-raw"


def _simulated() -> dict[str, tuple[np.ndarray, None]]:
    return {name: (values, None) for name, values in simulate(World()).items()}


SIMULATED = NamedDataset("simulated", "Apache 2.0: made up by Plexus", embedded=_simulated)

# Neither file lies at an address of its own: they are parts of what these pages have, and are put into the data folder.
CREDITCARD = NamedDataset(
    "creditcard_ulb_subset",
    "Database Contents License 1.0, as its page says (Dal Pozzolo et al. 2015)",
    files=(
        RemoteFile(
            "creditcard_subset.csv.gz",
            "https://www.kaggle.com/datasets/mlg-ulb/creditcardfraud",
            "0f8b9fd421fbadbf5c697904d496e64f5a310d915506bd344b702f0403c3b259",
        ),
    ),
)

HANDBOOK = NamedDataset(
    "fraud_handbook_simulated",
    "none stated for the data (Le Borgne et al. 2022)",
    files=(
        RemoteFile(
            "transactions_2018-07-01_2018-07-31.csv.gz",
            _HANDBOOK,
            "b11c3f93890681f1c8fd1f473ec053073cf3de8fdb3bf8eb925f8cf89ef81dcf",
        ),
    ),
)

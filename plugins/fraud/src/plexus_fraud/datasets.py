"""Registry of the named sets of transactions: their files, columns and licences."""

from plexus import NamedDataset
from plexus.data.arrays import Pair
from plexus.data.named import RemoteFile
from plexus_fraud.simulation import Simulation, simulate


def _simulated() -> dict[str, Pair]:
    return {name: (values, None) for name, values in simulate(Simulation()).items()}


SIMULATED = NamedDataset("simulated", "Apache 2.0: simulated by Plexus", embedded=_simulated)

# Neither file has an address of its own: both are parts of what these pages offer.
CREDITCARD = NamedDataset(
    "creditcard_ulb_subset",
    "Database Contents License 1.0, as its page says (Dal Pozzolo et al. 2015)",
    files=(
        RemoteFile(
            "creditcard_subset.csv.gz",
            "",
            "0f8b9fd421fbadbf5c697904d496e64f5a310d915506bd344b702f0403c3b259",
        ),
    ),
    page="https://www.kaggle.com/datasets/mlg-ulb/creditcardfraud",
)

HANDBOOK = NamedDataset(
    "fraud_handbook_simulated",
    "none stated for the data (Le Borgne et al. 2022)",
    files=(
        RemoteFile(
            "transactions_2018-07-01_2018-07-31.csv.gz",
            "",
            "b11c3f93890681f1c8fd1f473ec053073cf3de8fdb3bf8eb925f8cf89ef81dcf",
        ),
    ),
    page="https://github.com/Fraud-Detection-Handbook/simulated-data-raw",
)

"""Named sets of texts: where they are, and under which licence."""

import numpy as np

from plexus.data.named import NamedDataset, RemoteFile
from plexus_sentiment.phrases import phrases

_RT_AT = "https://raw.githubusercontent.com/dennybritz/cnn-text-classification-tf/master/data/rt-polaritydata/"
_SST_AT = "https://raw.githubusercontent.com/clairett/pytorch-sentiment-classification/master/data/SST2/"
LABELS = ("negative", "positive")


def _phrases() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    texts, labels = phrases(2400, seed=0)
    return {"train": (np.array(texts, object), np.array(labels))}


PHRASES = NamedDataset("phrases", "Apache 2.0: made up by Plexus from a grammar", labels=LABELS, embedded=_phrases)

RT_POLARITY = NamedDataset(
    "rt_polarity",
    "none stated; for research, with a citation (Pang & Lee 2005)",
    labels=LABELS,
    files=(
        RemoteFile(
            "rt-polarity.neg",
            f"{_RT_AT}rt-polarity.neg",
            "2d11cfbc790f1cd96d78339f41ce53ced1efa83cd22d37d6788fa3fe3d17e2fd",
        ),
        RemoteFile(
            "rt-polarity.pos",
            f"{_RT_AT}rt-polarity.pos",
            "4134882974a28d0c7b5151256f0e33a6169984ee7372c279e673f1114f475d58",
        ),
    ),
)

SST2 = NamedDataset(
    "sst2",
    "none stated (Socher et al. 2013)",
    labels=LABELS,
    files=tuple(
        RemoteFile(name, _SST_AT + name, checksum)
        for name, checksum in {
            "train.tsv": "ec192f833a64da08f475488a77b0d0b47db47acd0f458bd18433fc793b569920",
            "dev.tsv": "eddea6b39e601dd4e7a672b53cc40fdf6019fa80522f351206c24340ca5d9359",
            "test.tsv": "831169c7e2e429d6026e1bdbb542f33b636e3e596caad9602ebc953c205928b7",
        }.items()
    ),
)

IMDB = NamedDataset(
    "imdb",
    "none stated; with a citation (Maas et al. 2011); reviews are their authors'",
    labels=LABELS,
    unpacked="aclImdb_train.tar.gz",
    files=(
        RemoteFile(
            "aclImdb_v1.tar.gz",
            "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
            "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
        ),
    ),
)

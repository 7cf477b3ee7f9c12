"""Registry of the named data sets of images: download addresses and licences."""

import numpy as np

from plexus.data.arrays import Pair
from plexus.data.named import NamedDataset, RemoteFile


def _digits() -> dict[str, Pair]:
    from sklearn.datasets import load_digits

    digits = load_digits()
    return {"train": ((digits.images * 15.9375).round().astype(np.uint8), digits.target)}


DIGITS = NamedDataset(
    "digits", licence="CC BY 4.0 (UCI Optical Recognition of Handwritten Digits, test part)", embedded=_digits
)

_MNIST_URL = "https://storage.googleapis.com/cvdf-datasets/mnist/"
MNIST = NamedDataset(
    "mnist",
    licence="CC BY-SA 3.0 as commonly given (LeCun, Bottou, Bengio, Haffner 1998)",
    files=tuple(
        RemoteFile(name, _MNIST_URL + name, checksum)
        for name, checksum in {
            "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        }.items()
    ),
)

_FASHION_MNIST_URL = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
FASHION_MNIST = NamedDataset(
    "fashion_mnist",
    licence="MIT (Zalando SE; Xiao, Rasul, Vollgraf 2017)",
    labels=(
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ),
    files=tuple(
        RemoteFile(name, _FASHION_MNIST_URL + name, checksum)
        for name, checksum in {
            "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        }.items()
    ),
)  # fmt: skip

CIFAR10 = NamedDataset(
    "cifar10",
    licence="none stated; the authors ask for a citation (Krizhevsky 2009)",
    labels=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    unpacked="**/*_batch*.bin*",
    files=(
        RemoteFile(
            "cifar-10-binary.tar.gz",
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        ),
    ),
)

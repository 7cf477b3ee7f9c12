"""The bundle that a training starts from (`--from`)."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.bundle import Bundle, keras_file
from plexus.errors import InputError
from plexus.inference.bundle_format import MANIFEST
from plexus.inference.manifest import read_manifest
from plexus.inference.models import find_bundle
from plexus.inference.predictor import NETWORK
from plexus.tasks.abilities import Pretrainable, StartsFromBundles
from plexus.utils.checked_json import dump_checked_json, read_checked_json
from plexus.utils.files import sha256, write_whole

if TYPE_CHECKING:
    import keras

    from plexus.codec import JsonObject
    from plexus.options import Options
    from plexus.run import Run
    from plexus.task import AnyTask

MAX_ORIGIN_BYTES = 1 << 20


@dataclass(frozen=True)
class InitialBundle:
    """A bundle whose weights a training starts from.

    Args:
        name: The value of `--from`.
        bundle: The bundle, whose checksums are verified.
        is_pretrained: Whether it is of the task's pretraining, so that it has no output layer in common.

    Example:
        ```python
        initial = InitialBundle.open(task, run.options)
        if initial:
            network = initial.load_network("network")
        ```
    """

    name: str
    bundle: Bundle
    is_pretrained: bool

    @classmethod
    def open(cls, task: "AnyTask", options: "Options") -> "InitialBundle | None":
        """Open the bundle that the options name.

        Args:
            task: The task to train.
            options: The options of the training.

        Returns:
            The bundle; None without `--from`.

        Raises:
            InputError: If the task does not start from bundles, there is no such bundle, it is of another task, or it
                has no weights to start from.
        """
        if options.from_ is None:
            return None
        if not isinstance(task, StartsFromBundles):
            raise InputError(f"--from: {task.id} does not start from the weights of a bundle; omit --from")
        folder = _find(options.from_, task)
        pretraining = task.pretraining_task if isinstance(task, Pretrainable) else None
        task_id = read_manifest(folder)["task"]
        if task_id not in (task.id, pretraining):
            expected = task.id if pretraining is None else f"{task.id} or {pretraining}"
            raise InputError(f"--from {options.from_}: expected a bundle of {expected}, found one of {task_id}")
        bundle = Bundle.open(folder, task)
        if not any(keras_file(name) in bundle.manifest["files"] for name in bundle.networks):
            raise InputError(
                f"--from {options.from_}: it has no {keras_file(NETWORK)}, which holds the weights to start from: "
                "choose a bundle with one, or train it again"
            )
        return cls(options.from_, bundle, task_id != task.id)

    def load_network(self, name: str) -> "keras.Model":
        """Load a network of the bundle with Keras.

        Args:
            name: Name of the network; that of the bundle's `network` is loaded if it has none of this name.

        Returns:
            The network.

        Raises:
            InputError: If it cannot be read, or names a module that is neither of Keras, of Plexus nor of the plugin.
        """
        from plexus.training.export import load_network

        file = keras_file(name)
        if file not in self.bundle.manifest["files"]:
            file = next(keras_file(each) for each in (NETWORK, *self.bundle.networks) if self._has(each))
        return load_network(self.bundle.folder / file, self.bundle.task.package)

    def origin(self, copied: int, layers: int) -> "JsonObject":
        """Describe where the initial weights are from, for the manifest of the new bundle.

        Args:
            copied: Layers that have weights of the bundle.
            layers: Layers with weights.

        Returns:
            `name`, `task`, `data`, `fingerprint` (SHA-256 of the `bundle.json`), `copied` and `layers`.
        """
        manifest = self.bundle.manifest
        return {
            "name": self.name,
            "task": manifest["task"],
            "data": manifest["data"]["name"],
            "fingerprint": sha256(self.bundle.folder / MANIFEST),
            "copied": copied,
            "layers": layers,
        }

    def has_other_splits(self, fingerprint: str, seed: int) -> bool:
        """Return whether the bundle has learned labels of the same data, split by another seed.

        Args:
            fingerprint: Fingerprint of the data of the training.
            seed: Its seed.

        Returns:
            Whether metrics of the new bundle may be too good: the other one has seen a part of the test split.
        """
        manifest = self.bundle.manifest
        same_data = manifest["data"]["fingerprint"] == fingerprint
        return same_data and not self.is_pretrained and manifest["options"].get("seed") != seed

    def _has(self, network: str) -> bool:
        return keras_file(network) in self.bundle.manifest["files"]


def write_origin(run: "Run", origin: "JsonObject") -> None:
    """Record in the run's folder where the initial weights are from: a resumed run does not read the bundle again.

    Args:
        run: The run.
        origin: The result of `InitialBundle.origin`.
    """
    write_whole(run.origin, dump_checked_json(origin))


def read_origin(run: "Run") -> "JsonObject | None":
    """Return where the initial weights of a run are from.

    Args:
        run: The run.

    Returns:
        The result of `InitialBundle.origin`; None for random weights.

    Raises:
        InputError: If the file was changed or cut off.
    """
    if run.options.from_ is None or not run.origin.exists():
        return None
    return read_checked_json(run.origin, MAX_ORIGIN_BYTES, "train again")


def _find(name: str, task: "AnyTask") -> Path:
    try:
        return find_bundle(name, [task.package])
    except InputError as error:
        raise InputError(f"--from: {error}") from error

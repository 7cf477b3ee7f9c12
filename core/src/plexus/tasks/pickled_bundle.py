"""Pickling of an estimator with its bundle."""

import tempfile
from pathlib import Path
from typing import Any

from plexus.bundle import Bundle
from plexus.plugins.registry import registry


class PickledBundle:
    """Mixin for a scikit-learn estimator with `task` and `bundle_`: a pickle contains the files of the bundle.

    Example:
        ```python
        class Estimator(PickledBundle, BaseEstimator): ...
        ```
    """

    task: str
    bundle_: Bundle

    def __getstate__(self) -> dict[str, object]:
        state: dict[str, object] = dict(super().__getstate__())  # type: ignore[call-overload]  # of BaseEstimator
        bundle = state.pop("bundle_", None)
        if isinstance(bundle, Bundle):
            files = sorted(file for file in bundle.folder.iterdir() if file.is_file())
            state["_bundle_files"] = {file.name: file.read_bytes() for file in files}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        files = state.pop("_bundle_files", None)
        super().__setstate__(state)  # type: ignore[misc]  # of BaseEstimator
        if files is not None:
            self._folder = tempfile.TemporaryDirectory(prefix="plexus-estimator-")  # removed with the estimator
            for name, content in files.items():
                (Path(self._folder.name) / name).write_bytes(content)
            self.bundle_ = Bundle.open(Path(self._folder.name), registry().task(self.task))

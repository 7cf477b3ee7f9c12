"""Reading of datasets in the background, of which the last ones stay in memory."""

import hashlib
import json
import logging
import os
import shutil
import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.errors import InputError
from plexus.serve.problems import public_text
from plexus.studio.data_record import DataRecord, DataRequest, LabelCheck
from plexus.studio.exploration import Exploration

if TYPE_CHECKING:
    from plexus.plugins.registry import Registry

MAX_IN_MEMORY, MAX_RECORDS = 3, 100
"""Datasets in memory, and datasets whose request is known."""
MAX_STAMPED = 300_000
"""Files of a folder whose times are compared."""
FAILED = "the data could not be read because of an error of the program; the log of the server has the reason"
log = logging.getLogger("plexus.studio")


class DataReader:
    """Reads datasets one after the other in a thread, and analyses them in another: a page waits for neither.

    A dataset is read once for the same task, options and content; the last `MAX_IN_MEMORY` stay in memory.

    Args:
        plugins: The installed plugins.

    Example:
        ```python
        reader = DataReader(registry())
        record = reader.start(DataRequest("vision.classify", "mnist", {}, None, "mnist"))
        while record.state != "ready":
            time.sleep(0.1)
        record.exploration.class_counts
        ```
    """

    def __init__(self, plugins: "Registry") -> None:
        self._plugins = plugins
        self._records: OrderedDict[str, DataRecord] = OrderedDict()
        self._lock = threading.Lock()
        self._reading = ThreadPoolExecutor(1, "data-reading")
        self._analysis = ThreadPoolExecutor(1, "data-analysis")
        self._defaults = ThreadPoolExecutor(1, "data-defaults")

    def start(self, request: DataRequest) -> DataRecord:
        """Begin to read a dataset, unless it has been read.

        Args:
            request: The request.

        Returns:
            Its record.

        Raises:
            InputError: If an option is out of bounds.
        """
        task = self._plugins.task(request.task)
        options = task.options.parse({**request.values, "data": request.data})
        id = _key(request, options.model_dump_json())
        with self._lock:
            record = self._records.get(id)
            if record is not None and record.state not in {"failed", "dropped"}:
                self._records.move_to_end(id)
                return record
            record = self._records[id] = DataRecord(id, request)
            self._records.move_to_end(id)
            self._forget()
        self._reading.submit(self._read, record)
        return record

    def find(self, id: str) -> DataRecord | None:
        """Return the record of a dataset, and keep it in memory for longer.

        Args:
            id: Its id.

        Returns:
            The record; None if there is none.
        """
        with self._lock:
            record = self._records.get(id)
            if record is not None:
                self._records.move_to_end(id)
            return record

    def recent(self) -> list[DataRecord]:
        """Return the datasets in memory, and those that are being read.

        Returns:
            The records, the last used first.
        """
        with self._lock:
            return [record for record in reversed(self._records.values()) if record.state not in {"dropped", "failed"}]

    def check_labels(self, record: DataRecord) -> None:
        """Begin to look for wrong labels, unless that has begun.

        Args:
            record: A dataset in memory.
        """
        with self._lock:
            if record.exploration is None or record.label_check.state in {"queued", "working", "ready"}:
                return
            record.label_check = LabelCheck("queued")
        self._analysis.submit(self._check_labels, record)

    def compute_defaults(self, record: DataRecord) -> None:
        """Begin to compute the values of open options from the data, unless that has begun.

        Args:
            record: A dataset in memory.
        """
        with self._lock:
            if record.exploration is None or record.defaults_state != "none":
                return
            record.defaults_state = "queued"
        self._defaults.submit(self._compute_defaults, record)

    def _read(self, record: DataRecord) -> None:
        record.state, record.started = "working", time.monotonic()
        request = record.request
        try:
            task = self._plugins.task(request.task)
            options = task.options.parse({**request.values, "data": request.data})
            exploration = Exploration(task, options, task.load_dataset(options))
            # Computed here, where it takes no time of a request.
            _ = exploration.class_counts, exploration.label_rows, exploration.label_problem
            _ = exploration.target_summaries, exploration.columns
        except Exception as error:  # noqa: BLE001 - also of a plugin: it is logged, and the page says so
            record.error, record.state = _reason(error, request), "failed"
            _remove_upload(record)
            return
        record.exploration, record.seconds, record.state = exploration, record.elapsed, "ready"
        with self._lock:
            self._forget()
        self._analysis.submit(self._check_training, record)
        self._analysis.submit(self._compare, record)

    def _check_training(self, record: DataRecord) -> None:
        """Check that a training could start, as `plexus data check` does, which may add findings."""
        exploration = record.exploration
        if exploration is None:  # dropped in the meantime
            return
        try:
            exploration.task.check_dataset(exploration.dataset, exploration.options)
            record.can_train = True
        except Exception as error:  # noqa: BLE001 - as above
            record.training_problem, record.can_train = _reason(error, record.request), False

    def _compare(self, record: DataRecord) -> None:
        exploration = record.exploration
        if exploration is None:  # dropped in the meantime
            return
        record.duplicates_state = "working"
        try:
            _ = exploration.duplicates, exploration.near_duplicates
            record.duplicates_state = "ready"
        except Exception as error:  # noqa: BLE001 - as above
            record.duplicates_error, record.duplicates_state = _reason(error, record.request), "failed"

    def _compute_defaults(self, record: DataRecord) -> None:
        from plexus.training.data_defaults import data_defaults

        exploration = record.exploration
        if exploration is None:  # dropped in the meantime
            return
        record.defaults_state = "working"
        try:
            record.defaults = data_defaults(exploration.task, exploration.dataset, exploration.options)
            record.defaults_state = "ready"
        except Exception as error:  # noqa: BLE001 - as above
            log.warning("no defaults by the data: %s", _reason(error, record.request))
            record.defaults_state = "failed"

    def _check_labels(self, record: DataRecord) -> None:
        check, exploration = record.label_check, record.exploration
        if exploration is None:
            return
        check.state, started = "working", time.monotonic()
        try:
            check.errors, check.method, check.checked = exploration.find_label_errors()
        except Exception as error:  # noqa: BLE001 - as above
            check.error, check.state = _reason(error, record.request), "failed"
            return
        check.seconds, check.state = time.monotonic() - started, "ready"

    def _forget(self) -> None:
        """Drop the datasets that were used longest ago; the caller holds the lock."""
        in_memory = [record for record in self._records.values() if record.exploration is not None]
        for record in in_memory[: max(len(in_memory) - MAX_IN_MEMORY, 0)]:
            if not record.is_busy:
                record.exploration, record.state, record.label_check = None, "dropped", LabelCheck()
                record.duplicates_state, record.can_train, record.training_problem = "queued", None, ""
                record.defaults_state, record.defaults = "none", {}
                _remove_upload(record)
        while len(self._records) > MAX_RECORDS:
            self._records.popitem(last=False)


def _key(request: DataRequest, options: str) -> str:
    """Return an id of task, options and the state of the files."""
    content = json.dumps([request.task, options, _stamp(request.data)])
    return hashlib.sha256(content.encode(errors="surrogateescape")).hexdigest()[:20]


def _stamp(data: str) -> list[int]:
    """Return number, size and last change of the files of a path; empty if it is none."""
    try:
        path = Path(data).expanduser()
        if not path.is_dir():
            facts = path.stat()
            return [1, facts.st_size, facts.st_mtime_ns]
        count = size = changed = 0
        folders = [str(path)]
        while folders and count < MAX_STAMPED:
            with os.scandir(folders.pop()) as entries:  # three times as fast as paths: a person waits for it
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                        continue
                    facts = entry.stat(follow_symlinks=False)
                    count, size, changed = count + 1, size + facts.st_size, max(changed, facts.st_mtime_ns)
        return [count, size, changed]
    except (OSError, ValueError):  # a name of a data set, or a path that may not be read, which reading it will say
        return []


def _reason(error: Exception, request: DataRequest) -> str:
    """Return an error for the page; one that is not of the data is logged."""
    if not isinstance(error, InputError):
        log.error("data explorer: %s of %s", request.title, request.task, exc_info=error)
        return FAILED
    text = str(error)
    if request.upload is not None:  # the name that the person knows
        text = text.replace(f"--data {request.data}", request.title).replace(request.data, request.title)
    return public_text(text.replace(f"--data {request.data}:", f"{request.title}:"))


def _remove_upload(record: DataRecord) -> None:
    if record.request.upload is not None:
        shutil.rmtree(record.request.upload, ignore_errors=True)

"""The history of a training as CSV."""

import csv
import io

from plexus.codec import JsonObject
from plexus.utils.files import write_whole
from plexus_tracking.tracker import Tracker, flatten_metrics


class CsvLogger(Tracker):
    """Writes `log.csv` to the run's folder: one row per epoch, one column per metric.

    Keras's `CSVLogger` has no validation metrics: they are computed after its `on_epoch_end`.

    Args:
        run: The run.
        state: Its progress.

    Example:
        ```python
        learner.fit(x, y, callbacks=[CsvLogger(run, state)])
        ```
    """

    def on_epoch_evaluated(self, line: JsonObject) -> None:
        """Write the whole table, so that a resumed training has all epochs.

        Args:
            line: The epoch; it is the last of the state's history.
        """
        rows = [flatten_metrics(line) for line in self.state.history]
        text = io.StringIO()
        table = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
        table.writeheader()
        table.writerows(rows)
        write_whole(self.run.folder / "log.csv", text.getvalue())

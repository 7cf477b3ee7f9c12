"""The log as a table."""

import csv
import io
from typing import Any

from plexus.utils.files import write_whole
from plexus_tracking.tracker import Tracker, figures


class CsvLog(Tracker):
    """Writes `log.csv` beside `log.jsonl`: a row an epoch, a column a figure."""

    def on_epoch_evaluated(self, line: dict[str, Any]) -> None:
        """Write the table whole: a training that went on has the epochs before, too."""
        rows = [figures(line) for line in self.state.history]
        columns = list(dict.fromkeys(name for row in rows for name in row))
        text = io.StringIO()
        table = csv.DictWriter(text, columns)
        table.writeheader()
        table.writerows(rows)
        write_whole(self.run.folder / "log.csv", text.getvalue())

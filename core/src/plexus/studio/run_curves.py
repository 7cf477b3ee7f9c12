"""The curves of runs, over each other."""

from collections.abc import Sequence

from plexus.catalogue.record import RunRecord
from plexus.studio.curve_plot import curve_plot
from plexus.studio.site import Site

HIDDEN = {"epoch", "seconds", "examples"}
"""Numbers of an epoch that are not plotted."""
MAX_PLOTS = 6


def run_curves(site: Site, records: Sequence[RunRecord]) -> list[dict[str, str]]:
    """Plot each number that the logs of runs have per epoch.

    Args:
        site: The site.
        records: The runs.

    Returns:
        `title` and `svg` of each plot: the loss, then metrics.
    """
    histories = {site.run_id(record.folder): record.history() for record in records}
    task = site.find_task(records[0].task)
    hidden = HIDDEN | ({task.metric.baseline} if task else set())  # a trivial prediction has no curve
    names = {
        name: None
        for lines in histories.values()
        for line in lines
        for name, value in line.items()
        if name not in hidden and isinstance(value, int | float) and not isinstance(value, bool)
    }
    plots = []
    for name in sorted(names, key=lambda name: name != "loss")[:MAX_PLOTS]:
        title = "Training loss" if name == "loss" else site.metric_label(records[0].task, name)
        series = {
            id if len(records) > 1 else title: [
                (line["epoch"] + 1, float(line[name])) for line in lines if isinstance(line.get(name), int | float)
            ]
            for id, lines in histories.items()
        }
        plots.append({"title": title, "svg": curve_plot(series, x_label="Epoch", y_label=title)})
    return plots

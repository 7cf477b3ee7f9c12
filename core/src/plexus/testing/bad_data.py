"""What a task owes to those whose data is wrong."""

from pathlib import Path

from plexus.errors import InputError
from plexus.task import Task


def check_bad_data(task: Task, folder: Path) -> None:
    """Data that is not there, or is none, is refused by an `InputError` of one line.

    Args:
        folder: where the bad data is made.

    Raises:
        AssertionError: it is taken, or refused in another way.
    """
    place = folder / "bad_data"
    (place / "empty_folder").mkdir(parents=True, exist_ok=True)
    (place / "empty.csv").touch()
    (place / "noise.csv").write_bytes(bytes(range(256)) * 8)
    (place / "lines.csv").write_text("this is\nnot what\nis wanted\n")
    for data in ("no/such/data", *map(str, sorted(place.iterdir()))):
        _check_refused(task, data)


def _check_refused(task: Task, data: str) -> None:
    try:
        dataset = task.load_dataset(task.options.parse({**task.trial_options, "data": data}))
        task.fit_codec(dataset, task.options.parse({**task.trial_options, "data": data}))
    except InputError as error:
        if "\n" in str(error):
            raise AssertionError(f"--data {data} is refused in several lines: {error}") from error
    except Exception as error:
        raise AssertionError(
            f"--data {data} ends with {type(error).__name__}: {error}, not with an InputError"
        ) from error
    else:
        raise AssertionError(f"--data {data} is taken for data")

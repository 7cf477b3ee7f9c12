"""Checks of a task's codec and of the data that it refuses."""

import json

from plexus.errors import InputError
from plexus.testing.trial import Trial
from plexus.utils.boundary import reason_of


def check_codec_survives_json(trial: Trial) -> None:
    """`from_json(to_json())` is the same codec, also if the JSON is written as text and read back.

    Args:
        trial: A small training of the task.
    """
    state = trial.bundle.codec.to_json()
    restored = type(trial.bundle.codec).from_json(json.loads(json.dumps(state))).to_json()
    assert restored == state, f"to_json after from_json: expected {_short(state)}, found {_short(restored)}"


def check_fit_codec_is_pure(trial: Trial) -> None:
    """`fit_codec` returns the same codec for the same arguments, and does not change the dataset.

    Args:
        trial: A small training of the task.
    """
    task, dataset, before = trial.task, trial.dataset, trial.dataset.fingerprint
    first, second = (task.fit_codec(dataset, trial.options).to_json() for _ in range(2))
    assert first == second, f"fit_codec: expected the same codec twice, found {_short(first)} and {_short(second)}"
    assert dataset.fingerprint == before, "fit_codec: expected an unchanged dataset, found another fingerprint"


def check_invalid_data_is_refused(trial: Trial) -> None:
    """Missing or invalid data is refused with an `InputError` of one line.

    Args:
        trial: A small training of the task.
    """
    place = trial.folder / "invalid_data"
    (place / "empty_folder").mkdir(parents=True, exist_ok=True)
    (place / "empty.csv").touch()
    (place / "noise.csv").write_bytes(bytes(range(256)) * 8)
    (place / "lines.csv").write_text("these are\nthree lines\nof text\n")
    for data in ("no/such/data", *map(str, sorted(place.iterdir()))):
        _check_refused(trial, data)


def _check_refused(trial: Trial, data: str) -> None:
    options = trial.parse(**{**trial.task.trial_options, "data": data})
    try:
        trial.task.fit_codec(trial.task.load_dataset(options), options)
    except InputError as error:
        message = str(error.args[0]) if error.args else ""
        if "\n" in message:
            raise AssertionError(f"--data {data}: expected an error of one line, found: {message}") from error
    except Exception as error:
        raise AssertionError(f"--data {data}: expected an InputError, found {reason_of(error)}") from error
    else:
        raise AssertionError(f"--data {data}: expected an InputError, found that it is accepted")


def _short(state: object) -> str:
    text = repr(state)
    return text if len(text) < 200 else f"{text[:200]} …"

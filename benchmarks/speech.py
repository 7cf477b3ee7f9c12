"""Speech beside MFCC and an SVM, on the same recordings in the same run.

PLEXUS_DATA=... python benchmarks/speech.py speakers [NAME …]   fsdd, leaving one speaker out at a time
PLEXUS_DATA=... python benchmarks/speech.py strings [NAME …]    the same for strings of digits: word error rates
PLEXUS_DATA=... python benchmarks/speech.py overfit FOLDER      from metadata.csv to text: learn some sentences by heart
PLEXUS_DATA=... python benchmarks/speech.py features            our features beside librosa's
PLEXUS_DATA=... python benchmarks/speech.py unknown BUNDLE FOLDER    words that a bundle of digits never heard
PLEXUS_DATA=... python benchmarks/speech.py speed BUNDLE        how much faster than it lasts a recording is answered

librosa needs the extra `bench`.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import plexus
from plexus import Run, SupervisedDataset
from plexus.data.findings import Findings
from plexus.data.splits import split_rows
from plexus.inference.onnx import Network
from plexus.plugins.registry import registry
from plexus.training.trainer import Trainer
from plexus_speech.audio import Sound, recordings_in
from plexus_speech.codec import WordCodec
from plexus_speech.dataset import layout_of, loaded
from plexus_speech.recordings import UNKNOWN, Recordings
from plexus_speech.strings import DIGITS, strings

VALIDATION, STRINGS = 0.05, 250


def fsdd() -> Recordings:
    """All of the digits."""
    return loaded(layout_of("fsdd")[0], None, 2.0, Findings())[0]


def mfcc(sound: np.ndarray, rate: int) -> np.ndarray:
    """Mean and deviation of 20 coefficients and their slopes."""
    import librosa

    found = librosa.feature.mfcc(y=sound.astype(np.float32) / 2**15, sr=rate, n_mfcc=20)
    both = np.concatenate([found, librosa.feature.delta(found, mode="nearest")])
    return np.concatenate([both.mean(axis=1), both.std(axis=1)])


def svm(learned: Recordings, test: Recordings) -> float:
    """The accuracy of an SVM on MFCC."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    rows = [np.stack([mfcc(sound, part.rate) for sound in part.sounds]) for part in (learned, test)]
    return make_pipeline(StandardScaler(), SVC(C=10)).fit(rows[0], learned.labels).score(rows[1], test.labels)


def ours(id: str, parts: dict[str, Recordings], data: str, **values) -> tuple[dict[str, float], float]:
    """Scores of a training on these parts, and its seconds."""
    task = registry().task(id)
    options = task.options.parse({"data": data, **values})
    dataset = SupervisedDataset(dict(parts), options.seed, Findings())
    with tempfile.TemporaryDirectory() as folder:
        result = Trainer(task).train(Run.start(id, options, folder=Path(folder) / "run"), dataset)
    return result["scores"], result["seconds"]


def without(whole: Recordings, speaker: str) -> dict[str, Recordings]:
    """All other speakers to learn from, this one to test on."""
    everyone = np.array(whole.speakers)
    others = whole.take(np.flatnonzero(everyone != speaker))
    kept, held = split_rows(others.labels, VALIDATION, 0)
    return {
        "train": others.take(kept),
        "val": others.take(held),
        "test": whole.take(np.flatnonzero(everyone == speaker)),
    }


def of_speakers(*wanted: str) -> None:
    """Each speaker is tested by a model that never heard them."""
    whole, found = fsdd(), []
    for speaker in wanted or sorted(set(whole.speakers)):
        parts = without(whole, speaker)
        theirs = svm(parts["train"], parts["test"])
        scores, seconds = ours("speech.commands", parts, "fsdd")
        found.append((scores["accuracy"], theirs))
        print(f"{speaker}: plexus {scores['accuracy']:.3f} in {seconds:.0f} s, MFCC + SVM {theirs:.3f}", flush=True)
    print("mean: plexus {:.4f}, MFCC + SVM {:.4f}".format(*np.mean(found, axis=0)))


def of_strings(*wanted: str) -> None:
    """The same, of three to seven digits in a row."""
    whole, found = fsdd(), []
    whole.labels = [DIGITS[label] for label in whole.labels]
    for speaker in wanted or sorted(set(whole.speakers)):
        parts = without(whole, speaker)
        parts |= {name: strings(parts[name], STRINGS, seed) for seed, name in enumerate(("val", "test"))}
        scores, seconds = ours("speech.transcribe", parts, "fsdd-strings")
        found.append(scores["wer"])
        print(f"{speaker}: wer {scores['wer']:.4f} in {seconds:.0f} s {scores}", flush=True)
    print(f"mean: wer {np.mean(found):.4f}")


def by_heart(folder: str) -> None:
    """All recordings of a folder are learned, and those very ones read: the whole path, not a model worth having."""
    task = registry().task("speech.transcribe")
    whole = task.load_dataset(task.options.parse({"data": folder})).whole
    # All in a step: of batches that are the same each epoch, normalization would learn the statistics by heart too.
    options = {
        "augment": 0,
        "dropout": 0,
        "batch_size": len(whole),
        "epochs": 500,
        "evaluate_every": 50,
        "averaging": 0.9,
    }
    scores, seconds = ours("speech.transcribe", dict.fromkeys(("train", "val", "test"), whole), folder, **options)
    print(f"{len(whole)} recordings: wer {scores['wer']:.4f}, cer {scores['cer']:.4f} in {seconds:.0f} s")


def of_features() -> None:
    """Milliseconds a recording, alternating, the best of five."""
    import librosa

    sounds, codec = fsdd().sounds, WordCodec([], 8_000, 72)
    sounds = sounds[::5]

    def theirs() -> None:
        for sound in sounds:
            found = librosa.feature.mfcc(y=sound.astype(np.float32) / 2**15, sr=8_000, n_mfcc=20)
            librosa.feature.delta(found, mode="nearest")

    each = {"plexus": [], "librosa": []}
    for _ in range(5):
        for name, made in (("plexus", lambda: codec.encode_sounds(sounds)), ("librosa", theirs)):
            started = time.perf_counter()
            made()
            each[name].append(1e3 * (time.perf_counter() - started) / len(sounds))
    best = {name: min(times) for name, times in each.items()}
    print(f"plexus {best['plexus']:.3f} ms, librosa {best['librosa']:.3f} ms: {best['librosa'] / best['plexus']:.1f} x")


def of_unknown(bundle: str, folder: str) -> None:
    """How well words that are none of a bundle's are told from those that are, of people it never heard."""
    from sklearn.metrics import roc_auc_score

    loaded_bundle = plexus.load(bundle)
    parts = loaded_bundle.task.load_dataset(loaded_bundle.task.options.parse(loaded_bundle.manifest["options"]))["test"]
    probabilities = []
    for arrays in (parts.encode(loaded_bundle.codec), loaded_bundle.codec.encode(recordings_in(Path(folder)))):
        probabilities.append(loaded_bundle.codec.probabilities(loaded_bundle.run(arrays)))
    known, strange = probabilities
    truth = np.repeat([0, 1], [len(known), len(strange)])
    auroc = roc_auc_score(truth, np.append(known[:, -1], strange[:, -1]))
    named = [loaded_bundle.codec.fields(row)["label"] == UNKNOWN for row in strange]
    refused = [loaded_bundle.codec.fields(row)["label"] == UNKNOWN for row in known]
    print(f"AUROC {auroc:.3f}; {np.mean(named):.1%} of {len(strange)} other words are called unknown", end=", ")
    print(f"{np.mean(refused):.1%} of {len(known)} words wrongly")


def of_speed(bundle: str) -> None:
    """Of one core."""
    model = plexus.load(bundle)
    session = Network(model.folder / "network.onnx", threads=1)
    test = fsdd().take(np.arange(0, 2000, 20))
    sounds = strings(test, 40, 0) if hasattr(model.codec, "alphabet") else test
    raws = [Sound(sound, sounds.rate) for sound in sounds.sounds]
    model.task.predict(session, model.codec, raws[:2])
    started, cpu = time.perf_counter(), time.process_time()
    for raw in raws:
        model.task.predict(session, model.codec, [raw])
    seconds, used = time.perf_counter() - started, time.process_time() - cpu
    lasts = sum(len(sound) for sound in sounds.sounds) / sounds.rate
    print(
        f"{1e3 * seconds / len(raws):.2f} ms a recording; {lasts:.0f} s of sound in {seconds:.2f} s: "
        f"{seconds / lasts:.4f} of real time ({used / lasts:.4f} of CPU time)"
    )


if __name__ == "__main__":
    made = {
        "speakers": of_speakers,
        "strings": of_strings,
        "overfit": by_heart,
        "features": of_features,
        "unknown": of_unknown,
    }
    (made | {"speed": of_speed})[sys.argv[1]](*sys.argv[2:])

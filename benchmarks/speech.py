"""Speech recognition compared with MFCC and an SVM, on the same recordings in the same run.

PLEXUS_DATA=... python benchmarks/speech.py speakers [NAME[,NAME] …]   fsdd, one speaker or several left out
PLEXUS_DATA=... python benchmarks/speech.py strings [NAME …]    the same for strings of digits: word error rates
PLEXUS_DATA=... python benchmarks/speech.py overfit FOLDER      texts of metadata.csv: evaluate on the training data
PLEXUS_DATA=... python benchmarks/speech.py features            time of the spectrograms, compared with librosa
PLEXUS_DATA=... python benchmarks/speech.py unknown BUNDLE FOLDER   rejection of words that the bundle does not know
PLEXUS_DATA=... python benchmarks/speech.py speed BUNDLE        time of a prediction relative to the recording
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import plexus
from plexus import Findings, Run, SupervisedDataset
from plexus.data.audio import find_recordings
from plexus.data.splits import split_rows
from plexus.inference.onnx import OnnxPredictor
from plexus.plugins.registry import registry
from plexus.training.trainer import Trainer
from plexus_speech.audio import FULL_SCALE, Waveform
from plexus_speech.codec import CommandCodec
from plexus_speech.dataset import read_corpus, read_recordings
from plexus_speech.filterbank import MelFilterbank
from plexus_speech.recordings import UNKNOWN, Recordings
from plexus_speech.splits import VAL_SHARE
from plexus_speech.transcription.word_strings import DIGIT_NAMES, compose_strings

STRINGS = 250
CONFIGURATIONS = {
    "convolutional": {"network": "convolutional", "voices": "en"},
    "embedding without synthetic voices": {"network": "embedding", "voices": "none"},
    "embedding": {"network": "embedding", "voices": "en"},
}
"""Options of the trainings that are compared."""
COMMAND_METRICS = ("accuracy", "ece", "log_loss", "refused", "unknown_auroc")


def fsdd() -> Recordings:
    """All recordings of the Free Spoken Digit Dataset."""
    findings = Findings()
    corpus, _ = read_corpus(registry().dataset("fsdd"), findings)
    return read_recordings(corpus, None, 2.0, findings)[0]


def mfcc(waveform: np.ndarray, rate: int) -> np.ndarray:
    """Mean and standard deviation of 20 coefficients and their slopes."""
    import librosa

    coefficients = librosa.feature.mfcc(y=waveform.astype(np.float32) / FULL_SCALE, sr=rate, n_mfcc=20)
    features = np.concatenate([coefficients, librosa.feature.delta(coefficients, mode="nearest")])
    return np.concatenate([features.mean(axis=1), features.std(axis=1)])


def svm_accuracy(train: Recordings, test: Recordings) -> float:
    """Accuracy of an SVM on MFCC."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    rows = [np.stack([mfcc(waveform, part.rate) for waveform in part.waveforms]) for part in (train, test)]
    return make_pipeline(StandardScaler(), SVC(C=10)).fit(rows[0], train.targets).score(rows[1], test.targets)


def train_on(id: str, parts: dict[str, Recordings], data: str, **values) -> tuple[dict[str, float], float]:
    """Metrics of a training on these splits, and its seconds."""
    task = registry().task(id)
    options = task.options.parse({"data": data, **values})
    dataset = SupervisedDataset(dict(parts), options.seed, Findings())
    with tempfile.TemporaryDirectory() as folder:
        result = Trainer(task).train(Run.start(id, options, folder=Path(folder) / "run"), dataset)
    return result["scores"], result["seconds"]


def leave_out(recordings: Recordings, speakers: str) -> dict[str, Recordings]:
    """All other speakers to train on, these, separated by commas, to test on."""
    is_test = np.isin(recordings.speakers, speakers.split(","))
    others = recordings.take(np.flatnonzero(~is_test))
    train, val = split_rows(others.targets, VAL_SHARE, 0)
    return {"train": others.take(train), "val": others.take(val), "test": recordings.take(np.flatnonzero(is_test))}


def compare_speakers(*names: str) -> None:
    """Test each speaker with models that are trained on the others."""
    recordings, results = fsdd(), []
    for speaker in names or sorted(set(recordings.speakers)):
        parts = leave_out(recordings, speaker)
        values = {"MFCC + SVM, accuracy": svm_accuracy(parts["train"], parts["test"])}
        for name, options in CONFIGURATIONS.items():
            metrics, seconds = train_on("speech.commands", parts, "fsdd", **options)
            values |= {f"{name}, {key}": metrics[key] for key in COMMAND_METRICS}
            texts = [f"{key} {metrics[key]:.3f}" for key in COMMAND_METRICS]
            print(f"{speaker}, {name}: {', '.join(texts)}, {seconds:.0f} s", flush=True)
        results.append(values)
    print("\n".join(f"{name} {np.mean([each[name] for each in results]):.4f}" for name in results[0]))


def compare_strings(*names: str) -> None:
    """The same for strings of three to seven digits, without the SVM."""
    recordings, results = fsdd(), []
    recordings.targets = [DIGIT_NAMES[label] for label in recordings.targets]
    for speaker in names or sorted(set(recordings.speakers)):
        parts = leave_out(recordings, speaker)
        parts |= {name: compose_strings(parts[name], STRINGS, seed) for seed, name in enumerate(("val", "test"))}
        rates = {}
        for name, options in CONFIGURATIONS.items():
            metrics, seconds = train_on("speech.transcribe", parts, "fsdd-strings", **options)
            rates[name] = metrics["wer"]
            print(f"{speaker}, {name}: wer {metrics['wer']:.4f} in {seconds:.0f} s {metrics}", flush=True)
        results.append(rates)
    print("mean: " + ", ".join(f"{name} wer {np.mean([each[name] for each in results]):.4f}" for name in results[0]))


def overfit(folder: str) -> None:
    """Train and evaluate on the same recordings, to test the whole path."""
    task = registry().task("speech.transcribe")
    recordings = task.load_dataset(task.options.parse({"data": folder})).whole
    # All in one batch: of batches that are the same each epoch, batch normalization would learn the statistics too.
    options = {
        "augment": 0,
        "dropout": 0,
        "batch_size": len(recordings),
        "epochs": 500,
        "evaluate_every": 50,
        "averaging": 0.9,
    }
    parts = dict.fromkeys(("train", "val", "test"), recordings)
    metrics, seconds = train_on("speech.transcribe", parts, folder, **options)
    print(f"{len(recordings)} recordings: wer {metrics['wer']:.4f}, cer {metrics['cer']:.4f} in {seconds:.0f} s")


def compare_features() -> None:
    """Milliseconds per recording, alternated, the best of five."""
    import librosa

    waveforms = fsdd().waveforms[::5]
    codec = CommandCodec([UNKNOWN], 8_000, MelFilterbank.fit(8_000), frames=72)

    def compute_mfcc() -> None:
        for waveform in waveforms:
            samples = waveform.astype(np.float32) / FULL_SCALE
            librosa.feature.delta(librosa.feature.mfcc(y=samples, sr=8_000, n_mfcc=20), mode="nearest")

    times = {"plexus": [], "librosa": []}
    for _ in range(5):
        for name, compute in (("plexus", lambda: codec.encode_waveforms(waveforms)), ("librosa", compute_mfcc)):
            started = time.perf_counter()
            compute()
            times[name].append(1e3 * (time.perf_counter() - started) / len(waveforms))
    best = {name: min(values) for name, values in times.items()}
    print(f"plexus {best['plexus']:.3f} ms, librosa {best['librosa']:.3f} ms: {best['librosa'] / best['plexus']:.1f} x")


def evaluate_rejection(name: str, folder: str) -> None:
    """How well a folder of other words is separated from the words of a bundle's test split."""
    from sklearn.metrics import roc_auc_score

    bundle = plexus.load(name)
    test = bundle.task.load_dataset(bundle.task.options.parse(bundle.manifest["options"]))["test"]
    words, others = (
        bundle.codec.probabilities(bundle.predictor(arrays))
        for arrays in (test.encode(bundle.codec), bundle.codec.encode(find_recordings(Path(folder))))
    )
    truth = np.repeat([0, 1], [len(words), len(others)])
    auroc = roc_auc_score(truth, np.append(words[:, -1], others[:, -1]))
    rejected, refused = (np.mean(rows.argmax(axis=1) == rows.shape[1] - 1) for rows in (others, words))
    print(f"AUROC {auroc:.3f}; {rejected:.1%} of {len(others)} other words are rejected as unknown", end=", ")
    print(f"{refused:.1%} of {len(words)} words wrongly")


def measure_speed(name: str) -> None:
    """Time of a prediction on one core."""
    bundle = plexus.load(name)
    predictor = OnnxPredictor({"network": bundle.folder / "network.onnx"}, threads=1)
    test = fsdd().take(np.arange(0, 2000, 20))
    recordings = compose_strings(test, 40, 0) if hasattr(bundle.codec, "alphabet") else test
    inputs = [Waveform(waveform, recordings.rate) for waveform in recordings.waveforms]
    bundle.task.predict(predictor, bundle.codec, inputs[:2])
    started, cpu = time.perf_counter(), time.process_time()
    for waveform in inputs:
        bundle.task.predict(predictor, bundle.codec, [waveform])
    seconds, used = time.perf_counter() - started, time.process_time() - cpu
    length = sum(len(waveform) for waveform in recordings.waveforms) / recordings.rate
    print(
        f"{1e3 * seconds / len(inputs):.2f} ms per recording; {length:.0f} s of sound in {seconds:.2f} s: "
        f"{seconds / length:.4f} of real time ({used / length:.4f} of CPU time)"
    )


if __name__ == "__main__":
    commands = {
        "speakers": compare_speakers,
        "strings": compare_strings,
        "overfit": overfit,
        "features": compare_features,
        "unknown": evaluate_rejection,
        "speed": measure_speed,
    }
    commands[sys.argv[1]](*sys.argv[2:])

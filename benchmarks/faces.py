"""Face recognition on the ORL faces: error rates with intervals by person, changed pictures, time.

    PLEXUS_DATA=... python benchmarks/faces.py rates BUNDLE      verification, identification, the stated rates
    PLEXUS_DATA=... python benchmarks/faces.py changes BUNDLE    turned, small, compressed, dark, covered faces
    PLEXUS_DATA=... python benchmarks/faces.py speed BUNDLE      a picture on one core, and a new process

Each prints a Markdown table. A picture without a detected face matches no other: it counts as a false non-match. Where
two faces are detected, the largest counts. `rates` is fair only for a network that was not trained on these persons:
`plexus train faces.recognize --data orl_faces --weights dlib` trains nothing. Here the threshold is fitted again, on
half of the persons, and tested on the other half.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from face_changes import change_picture

import plexus
from plexus.inference.onnx import OnnxPredictor
from plexus.metrics.identification import identification_rates, identification_threshold, nearest_templates
from plexus.metrics.intervals import group_proportion_interval
from plexus.metrics.score_tail import threshold_at
from plexus.metrics.verification import Comparisons, compare_all, equal_error_rate, match_rate, true_accept_rate
from plexus.metrics.verification_intervals import verification_intervals
from plexus_faces.calibration import fit_calibration
from plexus_faces.enrolled_picture import EnrolledPicture
from plexus_faces.face import Face
from plexus_faces.gallery import Gallery

DRAWS, HALVES = 20, 20
TEMPLATE_IMAGES, ENROLLED = 3, 10_000
FALSE_MATCH_RATE, IDENTIFICATION_RATE = 1e-3, 0.01


def read_faces() -> tuple[list[np.ndarray], np.ndarray, list[Path]]:
    """Return pictures, persons and files of the ORL faces."""
    files = sorted((Path(os.environ["PLEXUS_DATA"]) / "orl_faces").glob("s*/*.pgm"))
    return [cv2.imread(str(file)) for file in files], np.array([file.parent.name for file in files]), files


def largest_faces(bundle: plexus.Bundle, images: list[np.ndarray]) -> list[Face | None]:
    """Return the largest face of each picture, with its embedding."""
    groups = bundle.task.find_faces(bundle.predictor, bundle.codec, images)
    return [faces[0] if faces else None for faces in groups]


def stack_embeddings(faces: list[Face | None]) -> np.ndarray:
    """Return the embeddings, all 0 where no face was detected."""
    size = next(len(face.unit_embedding) for face in faces if face)
    return np.stack([face.unit_embedding if face else np.zeros(size, np.float32) for face in faces])


def mark_missing(comparisons: Comparisons, faces: list[Face | None]) -> Comparisons:
    """Give comparisons with a missing face the lowest similarity."""
    missing = np.array([face is None for face in faces])
    lowest = np.where(missing[comparisons.first] | missing[comparisons.second], -1, comparisons.similarities)
    return comparisons._replace(similarities=lowest)


def print_table(columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> None:
    """Print a Markdown table, each row when it is known."""
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


def percent(*values: float) -> str:
    """Format one rate, or an interval."""
    return " to ".join(f"{100 * value:.2f}" for value in values) + " %"


def rates(bundle: plexus.Bundle) -> Iterator[tuple[str, ...]]:
    """Yield the error rates of verification and identification."""
    images, persons, _ = read_faces()
    faces = largest_faces(bundle, images)
    embeddings = stack_embeddings(faces)
    yield "pictures without a face", f"{faces.count(None)} of {len(faces)}", ""
    pairs = mark_missing(compare_all(embeddings, persons), faces)
    intervals = verification_intervals(pairs, persons, 1.0, FALSE_MATCH_RATE)
    rate = equal_error_rate(pairs.similarities, pairs.genuine)
    yield f"equal error rate, {len(pairs.genuine):,} pairs", percent(rate), percent(*intervals["equal_error_rate"])
    accept = true_accept_rate(pairs.similarities, pairs.genuine, FALSE_MATCH_RATE)
    yield f"TAR at FMR {FALSE_MATCH_RATE:g}", percent(accept), percent(*intervals["true_accept_rate"])
    yield from identification(embeddings, persons)
    yield from stated_rates(embeddings, persons)


def identification(embeddings: np.ndarray, persons: np.ndarray) -> Iterator[tuple[str, ...]]:
    """Yield rank-1 rate of all persons, and error rates where a third of them is not enrolled."""
    names = np.unique(persons)
    right, searched, open_set = [], [], []
    for draw in range(DRAWS):
        generator = np.random.default_rng(draw)
        templates, is_probe = enrol(embeddings, persons, names, generator)
        nearest, _ = nearest_templates(templates, embeddings[is_probe])
        right.append(names[nearest] == persons[is_probe])
        searched.append(persons[is_probe])
        enrolled, unknown = split_enrolled(persons, generator)
        templates, is_probe = enrol(embeddings, persons, enrolled, generator)
        threshold = identification_threshold(templates, embeddings[unknown], IDENTIFICATION_RATE)
        probes = embeddings[is_probe], persons[is_probe]
        open_set.append(identification_rates(templates, enrolled, *probes, threshold).false_negative_rate)
    searches = f"{TEMPLATE_IMAGES} enrolled pictures, {DRAWS} draws"
    interval = group_proportion_interval(np.concatenate(right), np.concatenate(searched))
    yield f"rank-1 rate, {searches}", percent(float(np.mean(right))), percent(*interval)
    yield f"FNIR at FPIR {IDENTIFICATION_RATE:.0%}, a third not enrolled, {searches}", *summary(open_set)


def split_enrolled(persons: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return two thirds of the persons, and which pictures are of the others."""
    names = np.unique(persons)
    enrolled = generator.permutation(names)[: len(names) - len(names) // 3]
    return enrolled, ~np.isin(persons, enrolled)


def enrol(
    embeddings: np.ndarray, persons: np.ndarray, enrolled: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return a template per person, made of pictures that are drawn, and which pictures are left to be searched."""
    is_probe = np.ones(len(persons), bool)
    means = []
    for name in enrolled:
        drawn = generator.choice(np.flatnonzero(persons == name), TEMPLATE_IMAGES, replace=False)
        is_probe[drawn] = False
        means.append(embeddings[drawn].mean(axis=0))
    return np.stack(means) / np.linalg.norm(means, axis=1, keepdims=True), is_probe


def summary(values: list[float]) -> tuple[str, str]:
    """Return the mean of draws, and their range."""
    return percent(float(np.mean(values))), f"draws {percent(min(values), max(values))}"


def stated_rates(embeddings: np.ndarray, persons: np.ndarray) -> Iterator[tuple[str, ...]]:
    """Yield the realised false match rates of thresholds that are fitted on the other half of the persons."""
    names = np.unique(persons)
    halves = [np.random.default_rng(draw).permutation(names)[: len(names) // 2] for draw in range(HALVES)]
    for stated in (0.01, FALSE_MATCH_RATE):
        realised, misses, covered = [], [], 0
        for half in halves:
            fitted = np.isin(persons, half)
            threshold = fit_calibration(embeddings[fitted], persons[fitted], stated).threshold
            pairs = compare_all(embeddings[~fitted], persons[~fitted])
            realised.append(match_rate(pairs.similarities[~pairs.genuine], threshold))
            misses.append(1 - match_rate(pairs.similarities[pairs.genuine], threshold))
            low, high = verification_intervals(pairs, persons[~fitted], threshold)["false_match_rate"]
            covered += low <= stated <= high
        title = f"FMR on other persons, stated {percent(stated)}, {HALVES} draws of half of the persons"
        yield title, *summary(realised)
        yield "FNMR at the same threshold", *summary(misses)
        yield "stated FMR within the interval of the realised one", f"{covered} of {HALVES}", ""
    yield from stated_identification(embeddings, persons, halves)


def stated_identification(
    embeddings: np.ndarray, persons: np.ndarray, halves: list[np.ndarray]
) -> Iterator[tuple[str, ...]]:
    """Yield the realised FPIR of thresholds that are fitted on the other half of the persons."""
    realised = []
    for draw, half in enumerate(halves):
        generator, fitted = np.random.default_rng(draw), np.isin(persons, half)
        calibration = fit_calibration(embeddings[fitted], persons[fitted], FALSE_MATCH_RATE)
        others, names = embeddings[~fitted], persons[~fitted]
        enrolled, _ = split_enrolled(names, generator)
        templates, is_probe = enrol(others, names, enrolled, generator)
        threshold = calibration.identification_threshold(len(enrolled), IDENTIFICATION_RATE)
        realised.append(identification_rates(templates, enrolled, others[is_probe], names[is_probe], threshold))
    title = f"FPIR on other persons, stated {percent(IDENTIFICATION_RATE)}, a third not enrolled"
    yield title, *summary([each.false_positive_rate for each in realised])
    yield "FNIR at the same threshold", *summary([each.false_negative_rate for each in realised])


def changes(bundle: plexus.Bundle) -> Iterator[tuple[str, ...]]:
    """Yield the error rates of comparing changed pictures with unchanged ones."""
    images, persons, _ = read_faces()
    faces = largest_faces(bundle, images)
    originals = stack_embeddings(faces)
    pairs = mark_missing(compare_all(originals, persons), faces)
    threshold = threshold_at(pairs.similarities[~pairs.genuine], FALSE_MATCH_RATE)
    yield "none", *change_rates(pairs, threshold), f"{faces.count(None)}"
    copies = [
        change_picture(image, face.points, number) if face else {}
        for number, (image, face) in enumerate(zip(images, faces, strict=True))
    ]
    for name in max(copies, key=len):
        rows = [copy.get(name, image) for copy, image in zip(copies, images, strict=True)]
        changed = largest_faces(bundle, rows)
        both = mark_missing(compare_with(originals, stack_embeddings(changed), persons), [*faces, *changed])
        yield name, *change_rates(both, threshold), f"{changed.count(None)}"


def compare_with(originals: np.ndarray, changed: np.ndarray, persons: np.ndarray) -> Comparisons:
    """Compare every original picture with every changed one, but not with its own."""
    count = len(persons)
    first, second = np.nonzero(~np.eye(count, dtype=bool))
    return Comparisons((originals @ changed.T)[first, second], persons[first] == persons[second], first, count + second)


def change_rates(pairs: Comparisons, threshold: float) -> tuple[str, ...]:
    """Return equal error rate, TAR at its own threshold, and the error rates at the threshold of unchanged pictures."""
    similarities, genuine = pairs.similarities, pairs.genuine
    rates = (
        equal_error_rate(similarities, genuine),
        true_accept_rate(similarities, genuine, FALSE_MATCH_RATE),
        match_rate(similarities[~genuine], threshold),
        1 - match_rate(similarities[genuine], threshold),
    )
    return tuple(percent(rate) for rate in rates)


def speed(bundle: plexus.Bundle) -> Iterator[tuple[str, ...]]:
    """Yield the time from a file to an identity on one core, and the time of `plexus predict` in a new process."""
    _, _, files = read_faces()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    predictor = OnnxPredictor({"network": bundle.folder / "network.onnx"}, threads=1)
    gallery = random_gallery(len(bundle.task.find_faces(predictor, bundle.codec, files[:1])[0][0].unit_embedding))
    gallery.identify(np.zeros(gallery.templates.shape[1:], np.float32)[None])
    seconds, used = [], []
    for file in files[:100]:
        started, cpu = time.perf_counter(), time.process_time()
        faces = bundle.task.find_faces(predictor, bundle.codec, [file])[0]
        gallery.identify(np.array([face.unit_embedding for face in faces]))
        seconds.append(time.perf_counter() - started)
        used.append(time.process_time() - cpu)
    median, tail = 1e3 * np.percentile(seconds, [50, 99])
    details = f"p99 {tail:.1f} ms; CPU time {1e3 * np.median(used):.1f} ms"
    yield f"picture of 92 x 112 to identity among {ENROLLED:,}, one core", f"{median:.1f} ms", details
    starts, modules = zip(*(cold_prediction(bundle, files[0]) for _ in range(5)), strict=True)
    yield "`plexus predict` in a new process, one core", f"{np.median(starts):.2f} s", f"loads {modules[0] or 'none'}"


def random_gallery(size: int) -> Gallery:
    """Return a gallery of random embeddings."""
    vectors = np.random.default_rng(0).normal(size=(ENROLLED, size))
    pictures = [EnrolledPicture.of(vector, str(number).encode(), "1.jpg") for number, vector in enumerate(vectors)]
    return Gallery("0" * 64, {f"person {number}": [picture] for number, picture in enumerate(pictures)})


def cold_prediction(bundle: plexus.Bundle, file: Path) -> tuple[float, str]:
    """Return the seconds of a prediction in a new process, and which training framework or dlib it has imported."""
    command = [sys.executable, "-c", COLD, "predict", str(bundle.folder), str(file), "--json"]
    started = time.perf_counter()
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return time.perf_counter() - started, result.stderr.splitlines()[-1]


def main() -> None:
    """Print the table of a command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("bundle", help="folder or name of a bundle of faces.recognize")
    options = parser.parse_args()
    compute, columns = COMMANDS[options.command]
    print_table(columns, compute(plexus.load(options.bundle)))


COLD = """
import sys
from plexus.cli import main
status = main()
print(*sorted({"tensorflow", "keras", "dlib"} & set(sys.modules)), file=sys.stderr)
sys.exit(status)
"""
COMMANDS: dict[str, tuple[Callable[[plexus.Bundle], Iterator[tuple[str, ...]]], tuple[str, ...]]] = {
    "rates": (rates, ("", "rate", "95 % interval by person, or range of the draws")),
    "changes": (changes, ("change", "EER", "TAR at FMR 0.1 %", "FMR at the threshold", "FNMR", "no face")),
    "speed": (speed, ("", "time", "")),
}

if __name__ == "__main__":
    main()

"""Translation: speed on one core, compared with CTranslate2 on the same weights, and metrics by length and direction.

    python benchmarks/translation.py speed BUNDLE [--text FILE] [--sentences 256] [--to fr] [--ctranslate2]
    python benchmarks/translation.py metrics BUNDLE [--data out_of_domain.tsv]

`speed` translates lines of a file, by default sentences of the test split, at beam 4 in a process of one core; the
processor's time is printed too, which other processes change less. With `--ctranslate2` the same weights are exported
to CTranslate2 (`pip install ctranslate2`; the bundle needs its Keras files), which translates the same tokens at beam 4
in the same run. `metrics` prints those of the bundle's own test split, or of other data next to them, and the
signatures of sacreBLEU.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

import plexus
from plexus.inference.onnx import OnnxPredictor
from plexus_language.layout import split_document
from plexus_language.translator import Translator

BEAM, REPEATS = 4, 3


def speed(options: argparse.Namespace) -> Iterator[str]:
    """Yield sentences per second, and the time of a sentence of 12 tokens.

    Args:
        options: The parsed arguments.

    Yields:
        Lines of results.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    bundle = plexus.load(options.bundle)
    translator = Translator(OnnxPredictor(bundle.predictor.files, threads=1), bundle.codec)
    direction = translator.direction(options.to)
    sentences = _sentences(bundle, options, direction)
    sources = bundle.codec.encode_source(sentences, direction)
    lengths = [len(source) - 2 for source in sources]
    yield f"{len(sentences)} sentences, {np.mean(lengths):.1f} tokens each, {' to '.join(direction)}, beam {BEAM}"
    text = "\n".join(sentences)
    yield _rate("Plexus", len(sentences), lambda: translator.translate([_input(bundle, text, direction)]))
    single = sentences[int(np.argmin(np.abs(np.array(lengths) - 12)))]
    request = _input(bundle, single, direction)
    yield _latency("Plexus", len(bundle.codec.encode_target([single])[0]), lambda: translator.translate([request]))
    if options.ctranslate2:
        yield from _ctranslate2(bundle, sources)


def metrics(options: argparse.Namespace) -> Iterator[str]:
    """Yield the metrics of the test split, and of other data.

    Args:
        options: The parsed arguments.

    Yields:
        Lines of results.
    """
    from plexus_language.translation_metrics import signatures

    bundle = plexus.load(options.bundle)
    columns = {"test": bundle.metrics}
    if options.data:
        columns["other"] = bundle.evaluate(options.data)["scores"]
    yield f"{'metric':30}" + "".join(f"{name:>12}" for name in columns)
    for name in bundle.metrics:
        yield f"{name:30}" + "".join(f"{values.get(name, float('nan')):12.4f}" for values in columns.values())
    for name, signature in signatures([("",)]).items():
        yield f"{name}: {signature}"


def _ctranslate2(bundle: plexus.Bundle, sources: Sequence[Sequence[int]]) -> Iterator[str]:
    import ctranslate2

    from plexus_language.ctranslate2_export import export_ctranslate2

    vocabulary = bundle.codec.vocabulary
    tokens = [[vocabulary[number] for number in source] for source in sources]
    with tempfile.TemporaryDirectory() as folder:
        export_ctranslate2(bundle, Path(folder) / "model")
        engine = ctranslate2.Translator(str(Path(folder) / "model"), inter_threads=1, intra_threads=1)

        def translate(lines: Sequence[Sequence[str]]) -> list[list[str]]:
            results = engine.translate_batch(
                lines, beam_size=BEAM, max_batch_size=1024, batch_type="tokens", max_decoding_length=200
            )
            return [each.hypotheses[0] for each in results]

        yield _rate("CTranslate2", len(tokens), lambda: translate(tokens))
        single = min(tokens, key=lambda line: abs(len(line) - 2 - 12))
        yield _latency("CTranslate2", len(single) - 2, lambda: translate([single]))


def _sentences(bundle: plexus.Bundle, options: argparse.Namespace, direction: tuple[str, str]) -> list[str]:
    if options.text:
        text = Path(options.text).read_text(encoding="utf-8")
        sentences = [segment.text for segment in split_document(text) if segment.is_sentence]
    else:
        dataset = bundle.task.load_dataset(bundle.task.options.parse(bundle.manifest["options"]))
        test = dataset["test"]
        sentences = list(test.inputs if direction[0] == dataset.languages[0] else test.targets)
        sentences = [" ".join(sentence.split()) for sentence in sentences]
    return sentences[: options.sentences]


def _input(bundle: plexus.Bundle, text: str, direction: tuple[str, str]) -> object:
    return bundle.task.parse_request(bundle.codec, {"text": text, "to": direction[1], "beam": BEAM})


def _rate(name: str, count: int, run: Callable[[], object]) -> str:
    run()
    times = []
    for _ in range(REPEATS):
        wall, own = time.perf_counter(), time.process_time()
        run()
        times.append((time.perf_counter() - wall, time.process_time() - own))
    wall, own = np.median(times, axis=0)
    return f"{name}: {count / wall:.1f} sentences/s ({count / own:.1f} per second of the processor)"


def _latency(name: str, tokens: int, run: Callable[[], object]) -> str:
    run()
    times = []
    for _ in range(15):
        wall, own = time.perf_counter(), time.process_time()
        run()
        times.append((time.perf_counter() - wall, time.process_time() - own))
    wall, own = np.median(times, axis=0) * 1000
    return f"{name}: one sentence of {tokens} tokens in {wall:.1f} ms ({own:.1f} ms of the processor)"


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    first = commands.add_parser("speed")
    first.add_argument("bundle")
    first.add_argument("--text")
    first.add_argument("--sentences", type=int, default=256)
    first.add_argument("--to")
    first.add_argument("--ctranslate2", action="store_true")
    first.set_defaults(run=speed)
    second = commands.add_parser("metrics")
    second.add_argument("bundle")
    second.add_argument("--data")
    second.set_defaults(run=metrics)
    options = parser.parse_args()
    for line in options.run(options):
        print(line, flush=True)


if __name__ == "__main__":
    main()

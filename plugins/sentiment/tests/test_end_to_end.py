"""Sentiment classification from training to prediction, explanation and tables."""

import csv
import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

import plexus
from plexus import InputError
from plexus.inference.table_predictions import predict_table
from plexus.plugins.registry import registry
from plexus_sentiment.codec import TextCodec
from plexus_sentiment.examples import TextExamples
from plexus_sentiment.options import ClassifyOptions, PredictOptions
from plexus_sentiment.phrases import generate_phrases
from plexus_sentiment.pretrained import load_tokenizer

TASK = "sentiment.classify"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A bundle that was trained on synthetic reviews."""
    folder = tmp_path_factory.mktemp("phrases")
    return plexus.train(TASK, run=folder / "run", nets=1, epochs=15)


def test_networks_predict_negations_that_ngrams_do_not(trained):
    """A negation reverses the sentiment of a sentence, which a sum over n-grams can hardly represent."""
    metrics = trained.metrics
    assert metrics["accuracy"] >= 0.96
    assert metrics["accuracy"] >= metrics["ngrams_accuracy"]
    assert metrics["negated_accuracy"] >= 0.95
    assert metrics["ece"] < 0.06
    good, bad, negated = trained.predict(["a wonderful film", "the plot is dull", "the film isn't bad at all"])
    assert (good.label, bad.label, negated.label) == ("positive", "negative", "positive")
    assert not good.unsure
    report = {file.name for file in (trained.folder.parent / "report").iterdir()}
    assert report == {"training.svg", "confusion.svg", "calibration.svg", "mistakes.html"}


@pytest.mark.parametrize("text", ["", "   ", "qwzx vbnm plmk", "你好 世界 朋友"])
def test_texts_of_unknown_words_have_a_low_confidence(trained, text):
    (prediction,) = trained.predict([text])
    assert prediction.unsure
    assert str(prediction).startswith("unsure")


def test_predictions_do_not_depend_on_other_texts(trained):
    texts = ["a wonderful film", "the plot is dull", "", "good 😀 جيد", "not bad", "so dull and so long " * 300]
    for text, prediction in zip(texts, trained.predict(texts), strict=True):
        (alone,) = trained.predict([text])
        assert alone.probability == pytest.approx(prediction.probability, abs=1e-5)


def test_long_texts_have_windows_and_sentences(trained):
    praise, blame = "A wonderful film, I loved the cast. ", "The plot is dull. "
    prediction, other = trained.predict([praise * 2 + blame, blame * 2])
    assert [sentence.label for sentence in prediction.sentences] == ["positive", "positive", "negative"]
    assert [sentence.text for sentence in other.sentences] == [blame.strip()] * 2
    (mixed,) = trained.predict(["so so " * 500 + blame * 200])
    assert mixed.label == "negative"
    (huge,) = trained.predict(["a dull film " * 100_000])
    assert huge.label == "negative"


def test_words_are_attributed(trained, plexus, tmp_path):
    text = "A wonderful film <3. The best <b>& dearest</b>!"
    done = plexus("predict", trained.folder, text, "--explain", "--out", tmp_path / "why", "--json")
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)
    page = (tmp_path / result["explanation"]).read_text()
    assert "&lt;" in page
    assert "<b>&" not in page
    from plexus_sentiment.explain import attribute_words, terminal_text

    words = attribute_words(trained.predictor, trained.codec, "a wonderful film")
    assert max(words, key=lambda word: word.value).word == "wonderful"
    assert "\033[34mwonderful\033[0m" in terminal_text(words)


def test_a_table_is_streamed(trained, plexus, refused, tmp_path, monkeypatch):
    texts, classes = generate_phrases(2500, seed=9)
    with (tmp_path / "reviews.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "comment", "other"])
        writer.writerows([n, text, "x" * 80] for n, text in enumerate(texts))
    monkeypatch.setattr("plexus.data.tables.CHUNK", 1000)  # several chunks
    options = PredictOptions.parse({"column": "comment"})
    rows = predict_table(trained, tmp_path / "reviews.csv", tmp_path / "chunks.csv", options)
    assert (rows.rows, rows.unreadable) == (2500, {})
    done = plexus("predict", trained.folder, "reviews.csv", "--out", "scored.csv", "--json", "--column", "comment")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "scored.csv").read_text() == (tmp_path / "chunks.csv").read_text()
    with (tmp_path / "scored.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0])[:4] == ["id", "comment", "other", "label"]
    labels = [("negative", "positive")[index] for index in classes]
    assert np.mean([row["label"] == label for row, label in zip(rows, labels, strict=True)]) > 0.95
    line = refused("predict", trained.folder, "reviews.csv", "--out", "again.csv", "--column", "coment")
    assert "did you mean 'comment'" in line


def test_evaluation_on_training_texts_is_refused(trained, tmp_path):
    texts, classes = generate_phrases(2400, seed=0)
    lines = [
        f"{text.upper()} !,{('negative', 'positive')[index]}"
        for text, index in zip(texts, classes, strict=True)
        if "," not in text
    ]
    (tmp_path / "same.csv").write_text("\n".join(["text,label", *lines]) + "\n")
    with pytest.raises(InputError, match="are exact or near duplicates of the model's training texts"):
        trained.evaluate(str(tmp_path / "same.csv"))


@pytest.fixture
def few_labels(tmp_path):
    """Options of a training on 120 labelled texts, and a file of 1,390 unlabelled ones."""
    texts, classes = generate_phrases(1500, seed=4)
    rows = [(text, ("bad", "good")[index]) for text, index in zip(texts, classes, strict=True)]
    with (tmp_path / "few.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([("text", "label"), *rows[:120]])
    (tmp_path / "more.txt").write_text("\n".join([*texts[110:], "", "qwzx vbnm"]) + "\n")
    return {"data": str(tmp_path / "few.csv"), "nets": 1, "epochs": 1, "filters": 4}, tmp_path / "more.txt"


@pytest.mark.slow
def test_a_model_of_extra_data_is_evaluated_without_it(tmp_path):
    for name, count, seed in (("data", 200, 2), ("extra", 100, 3)):
        texts, classes = generate_phrases(count, seed=seed)
        rows = [
            (f"{text} ({name} {row})", f"label {index}")
            for row, (text, index) in enumerate(zip(texts, classes, strict=True))
        ]
        pl.DataFrame(rows, ["text", "label"], orient="row").write_csv(tmp_path / f"{name}.csv")
    options = {"data": str(tmp_path / "data.csv"), "nets": 1, "epochs": 1, "filters": 8}
    task = registry().task(TASK)
    dataset = task.load_dataset(task.options.parse(options))
    bundle = plexus.train(TASK, run=tmp_path / "run", extra_data=str(tmp_path / "extra.csv"), **options)
    examples = bundle.manifest["data"]["examples"]
    assert (examples["val"], examples["test"]) == (dataset.count("val"), dataset.count("test"))
    assert dataset.count("train") + 50 < examples["train"] <= dataset.count("train") + 100  # without near duplicates
    (tmp_path / "extra.csv").unlink()
    assert bundle.evaluate()["scores"] == bundle.metrics


@pytest.mark.slow
def test_unlabelled_texts_are_labelled_by_a_teacher(few_labels, tmp_path, capsys):
    options, unlabelled = few_labels
    alone = plexus.train(TASK, run=tmp_path / "alone", **options).metrics
    capsys.readouterr()
    student = plexus.train(TASK, run=tmp_path / "run", unlabelled=str(unlabelled), **options)
    assert "unlabelled texts were dropped: they are exact or near duplicates" in capsys.readouterr().err
    assert plexus.load(tmp_path / "run/stages/teacher/bundle").metrics == alone
    assert student.metrics["accuracy_without_unlabelled"] == alone["accuracy"]
    assert student.metrics["accuracy"] >= alone["accuracy"]
    assert student.manifest["data"]["examples"]["train"] > 120
    assert student.evaluate()["scores"] == student.metrics
    (tmp_path / "empty.txt").write_text("\n\n")
    with pytest.raises(InputError, match=r"--unlabelled .*empty.txt: it has no texts"):
        plexus.train(TASK, run=tmp_path / "empty", unlabelled=str(tmp_path / "empty.txt"), **options)
    assert not (tmp_path / "empty/stages").exists()


@pytest.mark.slow
def test_a_finished_teacher_is_not_trained_again(few_labels, tmp_path):
    """A run that is killed in the training of the student resumes to the same metrics."""
    from plexus.run import Run
    from plexus.training.trainer import Trainer

    options, unlabelled = few_labels
    task = registry().task(TASK)
    whole = plexus.train(TASK, run=tmp_path / "whole", unlabelled=str(unlabelled), **options).metrics
    run = Run.start(task.id, task.options.parse({**options, "unlabelled": str(unlabelled)}), folder=tmp_path / "run")
    (stage,) = task.stages(run.options)
    Trainer(task).train(Run.start(task.id, stage.options, folder=run.folder / "stages" / stage.name))
    before = (run.folder / "stages/teacher/bundle/bundle.json").stat().st_mtime_ns
    assert Trainer(task).train(Run.read(run.folder, task))["scores"] == whole
    assert (run.folder / "stages/teacher/bundle/bundle.json").stat().st_mtime_ns == before


def test_numeric_labels_have_an_expected_value(tmp_path):
    words = {1: "awful", 2: "dull", 3: "so so", 4: "good", 10: "wonderful"}
    rows = [{"text": f"a {word} film number {n}", "stars": stars} for n in range(12) for stars, word in words.items()]
    (tmp_path / "stars.jsonl").write_text("\n".join(map(json.dumps, rows)))
    options = {"data": str(tmp_path / "stars.jsonl"), "nets": 1, "epochs": 1, "filters": 4}
    bundle = plexus.train(TASK, run=tmp_path / "run", **options)
    assert bundle.metrics["mae"] < 1.2 < bundle.metrics["median_mae"]
    assert bundle.codec.labels == ["1", "2", "3", "4", "10"]
    best, worst = bundle.predict(["a wonderful film", "an awful film"])
    assert best.label == "10"
    assert best.expected > 6 > worst.expected
    assert best.expected == pytest.approx(sum(int(label) * p for label, p in best.probabilities.items()), abs=1e-4)


@pytest.mark.slow
def test_pretrained_encoders(tmp_path):
    keras_hub = pytest.importorskip("keras_hub", reason="the extra kerashub is not installed")
    letters = [chr(code) for code in range(97, 123)]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 16, "intermediate_dim": 16, "max_sequence_length": 96}
    task = registry().task(TASK)
    for kind in ("DistilBert", "Bert"):
        preset = tmp_path / kind
        getattr(keras_hub.models, f"{kind}Backbone")(len(vocabulary), **sizes).save_to_preset(preset)
        getattr(keras_hub.models, f"{kind}Tokenizer")(vocabulary, lowercase=True).save_to_preset(preset)
        options = {"data": "phrases", "preset": str(preset), "epochs": 1}
        bundle = plexus.train(TASK, run=tmp_path / f"run {kind}", **options)
        assert bundle.manifest["options"]["learning_rate"] == 5e-5
        assert bundle.codec.encode(["it was bad"])["pieces"][0].tolist() == [2, 13, 50, 27, 31, 49, 6, 31, 34, 3]
        assert bundle.predict(["so " * 500])[0].label in {"positive", "negative"}
    dataset = task.load_dataset(task.options.parse(options))
    for name, line in ((str(tmp_path), "--preset"), ("no_such_preset", "--preset no_such_preset: Unknown preset")):
        with pytest.raises(InputError, match=line):
            task.fit_codec(dataset, task.options.parse({**options, "preset": name}))


@pytest.mark.parametrize("missing", ["keras_hub", "safetensors"])
def test_a_missing_library_of_a_preset_is_named(tmp_path, monkeypatch, missing):
    pytest.importorskip("keras_hub", reason="the extra kerashub is not installed")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\ngood\n")
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(InputError, match=rf"needs {missing}: pip install 'plexus-sentiment\[kerashub\]'"):
        load_tokenizer(str(tmp_path))


def test_prediction_imports_no_training_framework(trained):
    program = (
        "import sys; import plexus\n"
        f"print(plexus.load({str(trained.folder)!r}).predict(['a dull film'])[0])\n"
        "assert not {'tensorflow', 'keras', 'jax', 'torch', 'sklearn', 'scipy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("negative")


def test_kernel_widths():
    from plexus_sentiment.network import build_network

    options = ClassifyOptions(nets=1, embedding_size=4, filters=5, kernel_widths="2,4")
    codec = TextCodec.fit(TextExamples(["good film", "bad film"], ["a", "b"]), options)
    shapes = [tuple(weights.shape) for weights in build_network(codec, options).weights]
    assert [shape for shape in shapes if len(shape) == 3] == [(2, 4, 5), (4, 4, 5)]


@pytest.mark.parametrize("widths", ["", "0", "3,", "1, 2", "10"])
def test_invalid_kernel_widths_are_refused(widths):
    with pytest.raises(InputError, match=r"such as 1,2,3"):
        ClassifyOptions.parse({"kernel_widths": widths})

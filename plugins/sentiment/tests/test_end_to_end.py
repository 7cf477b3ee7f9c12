"""Sentiment from the command line: trained, asked, explained, as_keras_input."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest

import plexus
from plexus import InputError
from plexus.inference.table_predictions import answer_table
from plexus.plugins.registry import registry
from plexus_sentiment.options import TextFlags
from plexus_sentiment.phrases import phrases


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A bundle that learned made-up reviews, and its run."""
    from plexus.run import Run
    from plexus.training.trainer import train

    folder = tmp_path_factory.mktemp("phrases")
    task = registry().task("sentiment.classify")
    result = train(task, Run.start(task.id, task.options.parse({"nets": 1, "epochs": 15}), folder=folder / "run"))
    return plexus.load(result["bundle"]), result


def test_the_nets_see_what_the_ngrams_do_not(trained):
    """A negation turns a sentence around: what a sum of votes can hardly say."""
    bundle, result = trained
    assert result["scores"]["accuracy"] >= 0.96
    assert result["scores"]["accuracy"] >= result["scores"]["ngrams_accuracy"]
    assert result["scores"]["negated_accuracy"] >= 0.95
    assert result["scores"]["ece"] < 0.06
    good, bad, turned = bundle.predict(["a wonderful film", "the plot is dull", "the film isn't bad at all"])
    assert (good.label, bad.label, turned.label) == ("positive", "negative", "positive")
    assert not good.unsure
    report = {file.name for file in (bundle.folder.parent / "report").iterdir()}
    assert report == {"training.png", "confusion.png", "calibration.png", "mistakes.html"}


@pytest.mark.parametrize("text", ["", "   ", "qwzx vbnm plmk", "你好 世界 朋友"])
def test_what_is_far_from_anything_seen_is_unsure(trained, text):
    (answer,) = trained[0].predict([text])
    assert answer.unsure
    assert str(answer).startswith("unsure")


def test_answers_do_not_depend_on_the_texts_beside(trained):
    texts = ["a wonderful film", "the plot is dull", "", "good 😀 جيد", "not bad", "so dull and so long " * 300]
    together = trained[0].predict(texts)
    for text, answer in zip(texts, together, strict=True):
        (alone,) = trained[0].predict([text])
        assert alone.probability == pytest.approx(answer.probability, abs=1e-5)


def test_long_texts_are_read_in_windows_and_sentence_by_sentence(trained):
    praise, blame = "A wonderful film, I loved the cast. ", "The plot is dull. "
    (answer,) = trained[0].predict([praise * 2 + blame])
    assert [s.label for s in answer.sentences] == ["positive", "positive", "negative"]
    (turned,) = trained[0].predict(["so so " * 500 + blame * 200])
    assert turned.label == "negative"
    (huge,) = trained[0].predict(["a dull film " * 100_000])
    assert huge.label == "negative"


def test_every_words_push(trained, plexus, tmp_path):
    bundle, _ = trained
    text = "a wonderful film <b>& the best</b>"
    done = plexus("predict", bundle.folder, text, "--explain", "--out", tmp_path / "why", "--json")
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)
    page = (tmp_path / result["explanation"]).read_text()
    assert "&lt;" in page
    assert "<b>&" not in page
    from plexus_sentiment.explanation import for_terminal, pushes

    found = {push.word: push.strength for push in pushes(bundle.predictor, bundle.codec, "a wonderful film")}
    assert max(found, key=found.get) == "wonderful"
    assert "\033[34mwonderful\033[0m" in for_terminal(pushes(bundle.predictor, bundle.codec, "a wonderful film"))


def test_a_table_is_streamed(trained, plexus, refused, tmp_path, monkeypatch):
    texts, codes = phrases(2500, seed=9)
    with (tmp_path / "reviews.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "comment", "other"])
        writer.writerows([n, text, "x" * 80] for n, text in enumerate(texts))
    monkeypatch.setattr("plexus.data.tables.CHUNK", 1000)  # several pieces
    rows = answer_table(
        trained[0], tmp_path / "reviews.csv", tmp_path / "pieces.csv", TextFlags.parse({"column": "comment"})
    )
    assert rows == 2500
    done = plexus("predict", trained[0].folder, "reviews.csv", "--out", "scored.csv", "--json", "--column", "comment")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "scored.csv").read_text() == (tmp_path / "pieces.csv").read_text()
    with (tmp_path / "scored.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0])[:4] == ["id", "comment", "other", "label"]
    right = np.mean([row["label"] == ("negative", "positive")[code] for row, code in zip(rows, codes, strict=True)])
    assert right > 0.95
    line = refused("predict", trained[0].folder, "reviews.csv", "--out", "again.csv", "--column", "coment")
    assert "did you mean 'comment'" in line


def test_measuring_on_what_it_learned_from_is_refused(trained, tmp_path):
    texts, codes = phrases(2400, seed=0)
    lines = [
        f"{text.upper()} !,{('negative', 'positive')[code]}"
        for text, code in zip(texts, codes, strict=True)
        if "," not in text
    ]
    (tmp_path / "same.csv").write_text("\n".join(["text,label", *lines]) + "\n")
    with pytest.raises(InputError, match="are among those that the model learned from, or nearly"):
        trained[0].evaluate(str(tmp_path / "same.csv"))


def test_texts_without_labels_are_learned_from_and_what_that_gains_is_told(tmp_path, capsys):
    texts, codes = phrases(1500, seed=4)
    rows = [(text, ("bad", "good")[code]) for text, code in zip(texts, codes, strict=True)]
    with (tmp_path / "few.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([("text", "label"), *rows[:120]])
    (tmp_path / "more.txt").write_text("\n".join([*texts[110:], "", "qwzx vbnm"]) + "\n")
    task = registry().task("sentiment.classify")
    given = {"data": str(tmp_path / "few.csv"), "nets": 1, "epochs": 1, "filters": 4}
    from plexus.run import Run
    from plexus.training.trainer import train

    def scores(**more):
        folder = tmp_path / f"run{len(more)}"
        return train(task, Run.start(task.id, task.options.parse(given | more), folder=folder))["scores"]

    alone = scores()
    capsys.readouterr()
    taught = scores(unlabelled=str(tmp_path / "more.txt"))
    assert "unlabelled texts are left out: they are among the labelled ones, or nearly" in capsys.readouterr().err
    assert taught["accuracy_without_unlabelled"] == alone["accuracy"]
    assert taught["accuracy"] >= alone["accuracy"]
    manifest = json.loads((tmp_path / "run1/bundle/bundle.json").read_text())
    assert manifest["data"]["examples"]["train"] > 120
    (tmp_path / "empty.txt").write_text("\n\n")
    with pytest.raises(InputError, match=r"--unlabelled .*empty.txt: it has no texts"):
        scores(unlabelled=str(tmp_path / "empty.txt"), seed=1, l2=0)


def test_stars_are_in_order(tmp_path):
    words = {1: "awful", 2: "dull", 3: "so so", 4: "good", 10: "wonderful"}
    rows = [{"text": f"a {word} film number {n}", "stars": stars} for n in range(12) for stars, word in words.items()]
    (tmp_path / "stars.jsonl").write_text("\n".join(map(json.dumps, rows)))
    task = registry().task("sentiment.classify")
    from plexus.run import Run
    from plexus.training.trainer import train

    given = {"data": str(tmp_path / "stars.jsonl"), "nets": 1, "epochs": 1, "filters": 4}
    result = train(task, Run.start(task.id, task.options.parse(given), folder=tmp_path / "run"))
    assert result["scores"]["mae"] < 1.2 < result["scores"]["median_mae"]
    bundle = plexus.load(result["bundle"])
    assert bundle.codec.labels == ["1", "2", "3", "4", "10"]
    best, worst = bundle.predict(["a wonderful film", "an awful film"])
    assert best.label == "10"
    assert best.expected > 6 > worst.expected
    assert best.expected == pytest.approx(sum(int(label) * p for label, p in best.probabilities.items()))


def test_a_net_that_reads_already(tmp_path, capsys):
    keras_hub = pytest.importorskip("keras_hub", reason="the extra kerashub is not installed")
    letters = [chr(code) for code in range(97, 123)]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 16, "intermediate_dim": 16, "max_sequence_length": 96}
    for kind in ("DistilBert", "Bert"):
        preset = tmp_path / kind
        getattr(keras_hub.models, f"{kind}Backbone")(len(vocabulary), **sizes).save_to_preset(preset)
        getattr(keras_hub.models, f"{kind}Tokenizer")(vocabulary, lowercase=True).save_to_preset(preset)
        task = registry().task("sentiment.classify")
        options = task.options.parse({"data": "phrases", "network": str(preset), "epochs": 1})
        from plexus.run import Run
        from plexus.training.trainer import train

        bundle = plexus.load(train(task, Run.start(task.id, options, folder=tmp_path / f"run {kind}"))["bundle"])
        assert bundle.manifest["options"]["learning_rate"] == 5e-5
        assert bundle.codec.encode(["it was bad"])["pieces"][0].tolist() == [2, 13, 50, 27, 31, 49, 6, 31, 34, 3]
        assert bundle.predict(["so " * 500])[0].label in {"positive", "negative"}
    for name, line in ((str(tmp_path), "--network"), ("no_such_preset", "--network no_such_preset: Unknown preset")):
        with pytest.raises(InputError, match=line):
            task.fit_codec(task.load_dataset(options), options.model_copy(update={"network": name}))


def test_answering_is_light(trained):
    program = (
        "import sys; from plexus import Bundle\n"
        f"print(plexus.load({str(trained[0].folder)!r}).predict(['a dull film'])[0])\n"
        "assert not {'tensorflow', 'keras', 'jax', 'torch', 'sklearn', 'scipy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("negative")

"""A training, and one that starts from its bundle, in process."""

import json

import pytest

import plexus
from plexus import InputError

OPTIONS = {
    "epochs": 2,
    "batch_size": 32,
    "width": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "vocabulary_size": 200,
    "evaluate_every": 2,
}
PAIRS = [(f"The white house number {n} is here.", f"La maison blanche numéro {n} est ici.") for n in range(200)]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "pairs.jsonl"
    path.write_text("".join(json.dumps({"en": a, "fr": b}) + "\n" for a, b in PAIRS), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def bundle(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return plexus.train("language.translate", data=str(data), out=folder / "bundle", **OPTIONS)


@pytest.mark.slow
def test_bundle_translates_both_directions(bundle):
    assert bundle.networks == ["decoder", "encoder"]
    assert {"bleu", "chrf", "exact_en_fr", "exact_fr_en", "copy_bleu", "confidence_error"} <= bundle.metrics.keys()
    prediction = bundle.predict(["The white house number 7 is here."])[0]
    assert prediction.to == "fr"
    assert 0 <= prediction.confidence <= 1
    from plexus_language.request import TranslationInput

    assert bundle.predict([TranslationInput(text="La maison blanche.", to="en")])[0].to == "en"


@pytest.mark.slow
def test_training_starts_from_a_bundle(bundle, data, tmp_path):
    other = tmp_path / "pairs.csv"
    rows = [f"A red car number {n}.,Une voiture rouge numéro {n}." for n in range(100)]
    other.write_text("\n".join(["en,fr", *rows]), encoding="utf-8")
    common = {"epochs": 1, "batch_size": 32, "from_": str(bundle.folder)}
    tuned = plexus.train("language.translate", data=str(other), out=tmp_path / "tuned", **common)
    assert tuned.codec.vocabulary == bundle.codec.vocabulary
    assert tuned.codec.knows_word("en", "house")
    assert tuned.codec.knows_word("en", "car")
    assert tuned.manifest["options"]["width"] == OPTIONS["width"]
    initial = tuned.manifest["initial"]
    assert initial["copied"] == initial["layers"]
    with pytest.raises(InputError, match="its languages are en and fr"):
        plexus.train("language.translate", data=str(other), source="fr", target="en", out=tmp_path / "x", **common)

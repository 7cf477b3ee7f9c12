"""A model in CTranslate2 translates as in Plexus, with the same log-probabilities."""

import json

import pytest

import plexus
from plexus import InputError
from plexus.cli import main
from plexus_language.beam_search import BeamSearch
from plexus_language.ctranslate2_export import export_ctranslate2
from plexus_language.hypotheses import Constraint, SearchSettings
from plexus_language.token_rules import TokenRules

SENTENCES = ["two hundred forty-one", "nine thousand seventy", "May the third, nineteen ninety-nine", "seven"]


@pytest.fixture(scope="module")
def bundle(trial):
    return plexus.load(trial("language.translate") / "run/bundle")


@pytest.mark.slow
def test_translations_are_those_of_plexus(bundle, tmp_path):
    ctranslate2 = pytest.importorskip("ctranslate2", reason="pip install ctranslate2")
    export_ctranslate2(bundle, tmp_path / "model")
    engine = ctranslate2.Translator(str(tmp_path / "model"), inter_threads=1, intra_threads=1)
    codec = bundle.codec
    sources = codec.encode_source(SENTENCES, codec.directions[0])
    tokens = [[codec.vocabulary[number] for number in source] for source in sources]
    # with a minimum length, CTranslate2 leaves the end out of the softmax of the first token
    lengths = {"min_decoding_length": 0, "max_decoding_length": 12}
    theirs = engine.translate_batch(tokens, beam_size=1, length_penalty=0, return_scores=True, **lengths)
    rules = TokenRules(codec.vocabulary_size, codec.begin, codec.end, repeatable=range(codec.vocabulary_size))
    search = BeamSearch(bundle.predictor, rules, SearchSettings(beam=1, length_penalty=0.0))
    ours = search.search(sources, [Constraint(12)] * len(sources))
    for (one,), other in zip(ours, theirs, strict=True):
        assert [codec.vocabulary[number] for number in one.tokens] == other.hypotheses[0]
        assert one.log_probability == pytest.approx(other.scores[0], abs=2e-3)


def test_command(bundle, tmp_path, monkeypatch, capsys):
    pytest.importorskip("ctranslate2", reason="pip install ctranslate2")
    monkeypatch.chdir(tmp_path)
    assert main(["export", str(bundle.folder), "--format", "ctranslate2", "--network", "decoder"]) == 2
    assert "--network: the format ctranslate2 holds all networks: omit it" in capsys.readouterr().err
    assert main(["export", str(bundle.folder), "--format", "onx"]) == 2
    choices = "onnx, saved_model, litert, keras, compact, ctranslate2"
    assert f"invalid choice: 'onx' (choose from {choices})" in capsys.readouterr().err
    assert main(["export", str(bundle.folder), "--format", "ctranslate2", "--out", "out", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["network"] is None
    assert (tmp_path / "out/model.bin").stat().st_size > 100_000
    assert main(["export", str(bundle.folder), "--format", "ctranslate2", "--out", "out"]) == 2


def test_a_bundle_without_keras_files_is_refused(bundle, tmp_path):
    pytest.importorskip("ctranslate2", reason="pip install ctranslate2")
    bare = plexus.Bundle(tmp_path, bundle.manifest, bundle.task)
    with pytest.raises(InputError, match="the bundle has only ONNX networks"):
        export_ctranslate2(bare, tmp_path / "model")

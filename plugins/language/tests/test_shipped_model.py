"""The English and French model that comes with Plexus, with inputs unlike the sentences that it was trained on."""

import re

import pytest

import plexus
from plexus_language.request import TranslationInput
from plexus_language.translation_metrics import is_repeating

NAME = "language.translate/tatoeba_fra_eng"
WORDS = ["house", "dog", "hello", "water", "yes", "thanks", "tomorrow", "red", "run", "beautiful"]
FRENCH_WORDS = ["maison", "chien", "bonjour", "eau", "oui", "merci", "demain", "rouge", "courir", "belle"]
LONG = "the dog sees the house and the man reads a book in the garden while the children play with balls "


@pytest.fixture(scope="module")
def translate():
    """The function that translates texts, by default from English to French."""
    bundle = plexus.load(NAME)

    def run(*texts, to="fr"):
        return bundle.predict([TranslationInput(text=text, to=to) for text in texts])

    return run


@pytest.mark.parametrize(("words", "to"), [(WORDS, "fr"), (FRENCH_WORDS, "en")])
def test_single_words_are_translated_without_invented_text(translate, words, to):
    for word, prediction in zip(words, translate(*words, to=to), strict=True):
        assert 1 <= len(prediction.translation.split()) <= 3, (word, prediction.translation)
        assert not is_repeating(prediction.translation)


def test_common_words(translate):
    translations = [prediction.translation for prediction in translate("house", "dog", "yes", "red")]
    assert translations == ["maison", "chien", "oui", "rouge"]


def test_two_thousand_words_are_neither_cut_nor_repeated(translate):
    text = (LONG * 100)[:-1]
    assert len(text.split()) == 2000
    prediction = translate(text)[0]
    assert 0.5 <= len(prediction.translation.split()) / 2000 <= 2
    assert len(re.findall(r"\bchien\b", prediction.translation)) >= 50, "of 100: the text has no punctuation"


def test_layout_emoji_markup_and_numbers_stay(translate):
    text = "<p>I have <b>12,450</b> books. 😀</p>\n\n  - The house is red.\n"
    translation = translate(text)[0].translation
    assert re.fullmatch(r"<p>.*<b>.*</b>.* 😀</p>\n\n  - La maison est rouge\.\n", translation), translation
    assert "12,450" in translation


def test_capitals_are_restored(translate):
    prediction = translate("THE HOUSE IS RED!")[0]
    assert prediction.translation == prediction.translation.upper()
    assert "MAISON" in prediction.translation
    assert "uppercase: translated in lowercase and restored" in prediction.notes


@pytest.mark.parametrize("text", ["La maison est rouge et le chien dort.", "Привет, мир", "日本語", "---", "", " \n"])
def test_texts_that_are_not_english_are_copied(translate, text):
    assert translate(text)[0].translation == text


def test_unknown_names_are_kept(translate):
    assert "Zorblax" in translate("I live in Zorblax with my sister.")[0].translation


def test_sentences_get_a_confidence(translate):
    prediction = translate("I don't know where he lives.")[0]
    assert 0 < prediction.confidence <= 1
    assert "habite" in prediction.translation or "vit" in prediction.translation

"""Each rule of what surrounds the networks, and its note; the networks translate word by word."""

import time

import pytest
from dictionary_model import PLACEHOLDERS, DictionaryCodec, DictionaryPredictor

from plexus import InputError
from plexus_language.inline_marks import put_back, take_out
from plexus_language.preparation import PreparedSentence
from plexus_language.protected_spans import find_fixed, has_other_digits
from plexus_language.request import TranslationInput
from plexus_language.translator import Translator
from plexus_language.typography import restore_spaces


@pytest.mark.parametrize(
    ("text", "translation", "notes"),
    [
        ("Hello, the house is white.", "Bonjour, la maison est blanche.", []),
        ("house", "maison", []),
        ("", "", []),
        (" \n\n", " \n\n", []),
        ("---", "---", ["no words: copied"]),
        ("12:30", "12:30", ["no words: copied"]),
        ("  Hello.\n\n  - Yes! 😀\n", "  Bonjour.\n\n  - Oui\u202f! 😀\n", []),
        ("HELLO YOU!", "BONJOUR TOI\u202f!", ["uppercase: translated in lowercase and restored"]),
        (
            "HELLO {name}!",
            "BONJOUR {name}\u202f!",
            ["uppercase: translated in lowercase and restored", "placeholder copied: {name}"],
        ),
        ("NASA", "NASA", ["no known word: copied"]),
        ("La maison est blanche.", "La maison est blanche.", ["already in the target language fr: copied"]),
        ("Привет, мир", "Привет, мир", ["Cyrillic script, which the model does not know: copied"]),
        ("こんにちは", "こんにちは", ["Hiragana script, which the model does not know: copied"]),
        ("I love Zorblax.", "Je aime Zorblax.", ["unknown name copied: Zorblax"]),
        ("I love Zorb Lax and Qu-Ux.", "Je aime Zorb Lax et Qu-Ux.", ["unknown name copied: Zorb Lax, Qu-Ux"]),
        ("I love мир.", "Je aime мир.", ["unknown characters copied: мир"]),
        ("qwerty zxcv.", "qwerty zxcv.", ["no known word: copied"]),
        ("See https://x.org/a?b=1.", "Vois https://x.org/a?b=1.", ["URL copied: https://x.org/a?b=1"]),
        ("Write to a.b@c.org!", "Écris à a.b@c.org\u202f!", ["e-mail address copied: a.b@c.org"]),
        ("You see %d of %(n)s.", "Toi vois %d ha %(n)s.", ["placeholder copied: %d, %(n)s"]),
        ("Click `the house`.", "Cliquez `the house`.", ["code copied: `the house`"]),
        ("I see 2,500 cats.", "Je vois 2,500 chats.", ["number copied: 2,500"]),
        ("I see 7 cats.", "Je vois 7 chats.", []),
        ("https://x.org", "https://x.org", ["no words: copied"]),
        ("The <b>white</b> house.", "La <b>blanche</b> maison.", []),
        ("I love 😀 you", "Je aime 😀 toi", []),
        ("<p>Good evening.</p><p>Yes.</p>", "<p>Bon soir.</p><p>Oui.</p>", []),
        ("Good evening: you", "Bon soir\u00a0: toi", []),
        ("ha ha ha ha ha", "ha ha ha ha ha", []),
    ],
)
def test_rules(translate, text, translation, notes):
    codec = DictionaryCodec()
    prediction = translate(text, codec=codec)[0]
    assert prediction.translation == translation
    assert list(prediction.notes) == notes


def test_marks_follow_the_alignment():
    plain, marks = take_out("the <b>white</b> house 😀 is <i>mine</i>!")
    assert plain == "the white house is mine!"
    alignment = [0, 2, 1, 3, 4, 4]
    assert put_back("la maison blanche est à moi !", marks, [*alignment, 4], 5) == (
        "la maison <b>blanche</b> 😀 est <i>à moi</i> !"
    )


@pytest.mark.parametrize(
    "text",
    ["A <b>c</b>.", "<a href='x'>Click <b>here</b></a>, please.", "Say **it** now", "I 😀 you <br/> x", "<i>All.</i>"],
)
def test_marks_return_to_their_places(text):
    plain, marks = take_out(text)
    words = len(plain.split())
    assert put_back(plain, marks, list(range(words)), words) == text


def test_entities_are_translated_as_characters(translate):
    assert translate("Hello &amp; yes")[0].translation == "Bonjour ha oui"
    codec = DictionaryCodec()
    assert translate("Hello &lt; yes", codec=codec)[0].translation == "Bonjour &lt;oui"


def test_words_that_training_never_saw_are_marked(translate):
    prediction = translate("I love flurbs and the house. Yes.")[0]
    assert prediction.unknown_words == ("flurbs",)
    assert [each.unknown_words for each in prediction.sentences] == [("flurbs",), ()]
    assert "unknown: flurbs" in str(prediction)


def test_without_placeholder_tokens_the_parts_between_are_translated(translate):
    prediction = translate("I see https://x.org and love Zorblax.", codec=DictionaryCodec(placeholders=()))[0]
    assert prediction.translation == "Je vois https://x.org et aime Zorblax."
    assert prediction.notes == ("URL copied: https://x.org", "unknown name copied: Zorblax")


def test_more_spans_than_placeholder_tokens(translate):
    names = [f"Zorb{letter}" for letter in "abcdef"]
    text = f"I love {' and '.join(names)}."
    assert len(names) > len(PLACEHOLDERS)
    assert translate(text)[0].translation == text.replace("I love", "Je aime").replace("and", "et")


def test_a_translation_without_an_end_is_not_shown(translate):
    prediction = translate("Hello house.", endless=True)[0]
    assert prediction.translation == "Hello house."
    assert prediction.notes == ("no translation ended within the length limit: copied",)
    assert prediction.confidence is None


LONG_RUNS = {
    "symbols": f"Great {'★' * 60} house",
    "emoji": f"Hello {'😀' * 60} you",
    "spaces": f"a{' ' * 200_000}b",
    "letters": f"hello {'a' * 100_000}",
    "punctuation": f"hello {'!' * 50_000}",
}


@pytest.mark.parametrize("kind", LONG_RUNS)
def test_long_runs_of_emoji_and_spaces_take_no_time(translate, kind):
    started = time.process_time()
    translate(LONG_RUNS[kind])
    assert time.process_time() - started < 5


@pytest.mark.parametrize("kind", ["letters", "punctuation"])
def test_a_sentence_without_a_place_to_divide_it_is_copied(translate, kind):
    prediction = translate(LONG_RUNS[kind])[0]
    assert prediction.translation == LONG_RUNS[kind]
    assert prediction.notes == ("more than 1,000 characters without a place to divide them: copied",)


def test_a_prefix_of_unknown_characters_is_refused(translate):
    with pytest.raises(InputError, match="prefix '日本' has characters that the model does not know"):
        translate(TranslationInput(text="Hello house.", prefix="日本"))
    assert translate(TranslationInput(text="Hello house.", prefix=" Bonjour \n "))[0].translation == "Bonjour maison."
    copied = translate(TranslationInput(text="123 456", prefix="Bonjour"))[0]
    assert copied.translation == "123 456"
    assert copied.notes[-1] == "prefix 'Bonjour' was not used"


def test_marks_of_a_sentence_that_the_glossary_covers(translate):
    request = TranslationInput(text="<b>house</b>", glossary={"house": "villa"})
    assert translate(request, codec=DictionaryCodec(placeholders=()))[0].translation == "<b>villa</b>"


@pytest.mark.parametrize(
    ("glossary", "text", "translation"),
    [({"Stra\u00dfe": "rue"}, "the Stra\u00dfe", "La rue"), ({"izmir": "Smyrne"}, "the \u0130zmir", "La Smyrne")],
)
def test_terms_whose_case_folding_differs(translate, glossary, text, translation):
    assert translate(TranslationInput(text=text, glossary=glossary))[0].translation.lower() == translation.lower()


def test_addresses_and_code_are_not_taken_apart(translate):
    assert "https://x.org/a__b.html" in translate("I see https://x.org/a__b.html here.")[0].translation
    assert "<code>the house</code>" in translate("Click <code>the house</code> and see.")[0].translation
    assert "{{user__name}}" in translate("Hello {{user__name}}.")[0].translation
    assert "%@" in translate("I love %@ !")[0].translation


def test_characters_of_copied_code_are_escaped_again(translate):
    assert "`&lt;b&gt;`" in translate("Click `&lt;b&gt;` here.")[0].translation
    assert "?a=1&amp;b=2" in translate("I see https://x.org/?a=1&amp;b=2 here.")[0].translation


def test_decomposed_characters_are_composed(translate):
    assert translate("e\u0301cris the house")[0].translation == translate("\u00e9cris the house")[0].translation


def test_digits_in_tags_are_no_numbers(translate):
    assert translate("Buy <a href='p?id=42'>the house</a>.")[0].notes == ()


def test_repeated_groups_of_words_may_be_repeated():
    assert PreparedSentence("", "he said left right left right left right").may_repeat
    assert PreparedSentence("", "noooo").may_repeat
    assert not PreparedSentence("", "left right left right").may_repeat


def test_two_thousand_words(translate):
    prediction = translate("I love the white house and you " * 286)[0]
    assert len(prediction.translation.split()) == 2002
    assert prediction.translation.split().count("maison") == 286


def test_glossary(translate):
    request = TranslationInput(text="House and the white house.", glossary={"house": "villa", "white house": "palais"})
    prediction = translate(request)[0]
    assert prediction.translation == "Villa et la palais."
    assert prediction.notes == ("glossary term used: Villa, palais",)


def test_prefix_and_alternatives(translate):
    request = TranslationInput(text="Hello. Yes.", prefix="Ici", alternatives=2)
    prediction = translate(request)[0]
    assert prediction.translation.startswith("Ici")
    assert prediction.sentences[1].translation == "Oui."
    for sentence in prediction.sentences:
        scores = [sentence.score, *(each.score for each in sentence.alternatives)]
        assert len(scores) == 3
        assert scores == sorted(scores, reverse=True)
        assert len({sentence.translation, *(each.translation for each in sentence.alternatives)}) == 3


def test_the_direction_is_checked(translate):
    assert translate(TranslationInput(text="x", to="en"))[0].to == "en"
    with pytest.raises(InputError, match="target language 'de'"):
        translate(TranslationInput(text="x", to="de"))


def test_other_inputs_are_refused(translate):
    with pytest.raises(InputError, match="expected a string, got int"):
        translate(7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Quoi ?", "Quoi\u202f?"),
        ("Quoi?!", "Quoi\u202f?!"),
        ("Voici : « oui »", "Voici\u00a0: «\u00a0oui\u00a0»"),
        ("À 12:30 ; non", "À 12:30\u202f; non"),
        ("https://a.b/?c;d", "https://a.b/?c;d"),
    ],
)
def test_french_spaces(text, expected):
    assert restore_spaces(text, "fr") == expected
    assert restore_spaces(text, "en") == text


def test_protected_spans():
    text = "Run `ls -l` in /usr/bin or my_file.py for @bob, see www.x.org/a. Use {0}, ${x} and %s."
    assert [(span.output, span.kind) for span in find_fixed(text)] == [
        ("`ls -l`", "code"),
        ("/usr/bin", "path"),
        ("my_file.py", "path"),
        ("@bob", "name of an account"),
        ("www.x.org/a", "URL"),
        ("{0}", "placeholder"),
        ("${x}", "placeholder"),
        ("%s", "placeholder"),
    ]


def test_numbers_are_compared_by_their_digits():
    assert not has_other_digits("2,500 on 3.14", "Le 3,14 : 2 500")
    assert has_other_digits("2,500", "2 50")
    assert has_other_digits("none", "1")


def test_a_text_is_translated_sentence_by_sentence():
    codec = DictionaryCodec()
    predictor = DictionaryPredictor(codec)
    parts = Translator(predictor, codec).stream(
        TranslationInput(text="Hello house. I love you!\n\n- Yes.", prefix="Ici")
    )
    text, first = next(parts)
    assert text.startswith("Ici")
    assert first.text == "Hello house."
    assert predictor.calls.count("encoder") == 1
    rest = list(parts)
    assert "".join(text for text, _ in rest) == " Je aime toi\u202f!\n\n- Oui."
    assert [each.text for _, each in rest if each is not None] == ["I love you!", "Yes."]

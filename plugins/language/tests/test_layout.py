"""Documents: sentences, layout, long sentences."""

import time

import pytest

from plexus_language.layout import MAX_WORDS, split_document

DOCUMENTS = [
    "",
    "\n\n",
    "Hello.",
    "  Hello. \n\n\tHow are you?\r\n",
    "One. Two! Three? Four… Five",
    "- One.\n- Two.\n  1. Three.",
    "<p>One.</p>\n<ul><li>Two</li></ul>",
    "<style>p { color: red }</style><p>Red.</p><!-- a. B -->",
    "```\ncode. More\n```\nText.",
    "word " * 2000,
]


def sentences(text):
    return [segment.text for segment in split_document(text) if segment.is_sentence]


@pytest.mark.parametrize("text", DOCUMENTS)
def test_the_segments_are_the_document(text):
    assert "".join(segment.text for segment in split_document(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello. How are you? Fine!", ["Hello.", "How are you?", "Fine!"]),
        ("Mr. Smith met Dr. Jones. They talked.", ["Mr. Smith met Dr. Jones.", "They talked."]),
        ("J. R. R. Tolkien wrote it. I read it.", ["J. R. R. Tolkien wrote it.", "I read it."]),
        ("See No. 5 of 3.14 and 10.000. Good.", ["See No. 5 of 3.14 and 10.000.", "Good."]),
        ("Is it No. Yes. He said no. I left.", ["Is it No.", "Yes.", "He said no.", "I left."]),
        ("« Bonjour ! » dit-il. « Ça va ? » Oui.", ["« Bonjour ! » dit-il.", "« Ça va ? »", "Oui."]),
        ("Elle dit : « Viens\u202f! » Il vint.", ["Elle dit : « Viens\u202f! »", "Il vint."]),
        ('"Stop!" He stopped.', ['"Stop!"', "He stopped."]),
        ("wait... what? ok", ["wait... what? ok"]),
        ("今日は。元気?", ["今日は。", "元気?"]),
        ("First line\nsecond line", ["First line", "second line"]),
        ("- Milk\n- Eggs 😀\n> Quoted", ["Milk", "Eggs", "Quoted"]),
        ("<h1>Title</h1><p>A <b>bold</b> word.<br>Next.</p>", ["Title", "A <b>bold</b> word.", "Next."]),
        ("<script>var a = 'Hi. You';</script>Text.", ["Text."]),
        ("   \t ", []),
    ],
)
def test_sentences(text, expected):
    assert sentences(text) == expected


def test_long_sentences_are_split_at_pauses():
    parts = sentences("one two three, " * 60)
    assert all(len(part.split()) <= MAX_WORDS for part in parts)
    assert all(part.endswith("three,") for part in parts)


def test_two_thousand_words_without_a_pause_are_split():
    parts = sentences("word " * 2000)
    assert sum(len(part.split()) for part in parts) == 2000
    assert max(len(part.split()) for part in parts) == MAX_WORDS


def test_the_limit_of_words_is_that_of_the_model():
    parts = split_document("one two three, four five six seven eight nine.", max_words=5)
    assert [part.text for part in parts if part.is_sentence] == ["one two three,", "four five six seven eight", "nine."]


@pytest.mark.parametrize("start", ["<pre hello ", "<!-- hello ", "<? hello ", "<! hello ", "``` hello "])
def test_elements_that_do_not_end_take_linear_time(start):
    text = start * 20_001
    started = time.process_time()
    assert "".join(segment.text for segment in split_document(text)) == text
    assert time.process_time() - started < 5

"""Sentences in uppercase."""

MIN_LETTERS = 2


def is_all_capitals(sentence: str) -> bool:
    """Return whether all letters of a sentence are capitals, two at least.

    Args:
        sentence: The sentence.

    Returns:
        Whether they are.
    """
    letters = [character for character in sentence if character.isalpha()]
    return len(letters) >= MIN_LETTERS and all(letter.isupper() for letter in letters)


def to_sentence_case(sentence: str) -> str:
    """Return a sentence in lowercase that begins with an uppercase letter.

    Args:
        sentence: The sentence.

    Returns:
        The sentence; the English word I stays uppercase.
    """
    words = sentence.lower().split(" ")
    words = [
        word[:1].upper() + word[1:] if word == "i" or word.startswith(("i'", "i\u2019")) else word for word in words
    ]
    return capitalized(" ".join(words))


def capitalized(sentence: str) -> str:
    """Return a sentence whose first letter is uppercase.

    Args:
        sentence: The sentence.

    Returns:
        The sentence.
    """
    place = next((place for place, character in enumerate(sentence) if character.isalpha()), None)
    if place is None:
        return sentence
    return sentence[:place] + sentence[place].upper() + sentence[place + 1 :]

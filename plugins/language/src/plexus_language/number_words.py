"""A small artificial language: numbers and dates in English words, and the same in digits."""

import datetime
import random

ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November"),
    "December",
)
ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"),
    *("twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"),
    "twentieth",
)
DATE_SHARE = 0.4
MAX_DIGITS = 4
FIRST_DAY, LAST_DAY = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)


def generate_pairs(count: int, seed: int) -> tuple[list[str], list[str]]:
    """Generate different pairs of words and digits.

    Args:
        count: Number of pairs.
        seed: Random seed.

    Returns:
        Texts in words, and the same in digits: `forty-two`, `42`; `May the third, nineteen ninety-nine`, `1999-05-03`.
    """
    generator = random.Random(seed)  # noqa: S311 - not for cryptography
    pairs: dict[str, str] = {}
    while len(pairs) < count:
        if generator.random() < DATE_SHARE:
            date = FIRST_DAY + datetime.timedelta(generator.randrange((LAST_DAY - FIRST_DAY).days + 1))
            pairs[date_words(date)] = date.isoformat()
        else:
            number = generator.randrange(10 ** generator.randint(1, MAX_DIGITS))
            pairs[number_words(number)] = str(number)
    return list(pairs), list(pairs.values())


def number_words(number: int) -> str:
    """Return a number in English words.

    Args:
        number: From 0 to 9,999.

    Returns:
        The words: `three thousand forty-two`.
    """
    if number < len(ONES):
        return ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return TENS[tens - 2] + (f"-{ONES[ones]}" if ones else "")
    name, size = ("thousand", 1000) if number >= 1000 else ("hundred", 100)
    first, rest = divmod(number, size)
    return f"{number_words(first)} {name}" + (f" {number_words(rest)}" if rest else "")


def date_words(date: datetime.date) -> str:
    """Return a date in English words.

    Args:
        date: From 1900 to 2099.

    Returns:
        The words: `May the third, nineteen ninety-nine`.
    """
    century, years = divmod(date.year, 100)
    if years >= 10:
        year = f"{number_words(century)} {number_words(years)}"
    else:
        year = f"{number_words(century)} oh {number_words(years)}" if years else f"{number_words(century)} hundred"
    return f"{MONTHS[date.month - 1]} the {_ordinal(date.day)}, {year}"


def _ordinal(day: int) -> str:
    if day <= len(ORDINALS):
        return ORDINALS[day - 1]
    tens, ones = divmod(day, 10)
    return f"{TENS[tens - 2]}-{ORDINALS[ones - 1]}" if ones else "thirtieth"

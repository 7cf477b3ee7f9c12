"""A generator of short synthetic reviews, for examples and tests without files."""

import numpy as np

NOUNS = [
    "film",
    "movie",
    "story",
    "plot",
    "cast",
    "acting",
    "script",
    "ending",
    "soundtrack",
    "direction",
    "dialogue",
    "picture",
    "comedy",
    "drama",
]
POSITIVE_ADJECTIVES = [
    "good",
    "great",
    "wonderful",
    "moving",
    "funny",
    "clever",
    "charming",
    "brilliant",
    "fresh",
    "warm",
    "honest",
    "gripping",
]
NEGATIVE_ADJECTIVES = [
    "bad",
    "awful",
    "dull",
    "boring",
    "silly",
    "stupid",
    "clumsy",
    "lifeless",
    "stale",
    "cold",
    "fake",
    "tedious",
]
POSITIVE_CLAUSES = [
    "i loved the {0}",
    "the {0} is a joy",
    "go and see this {0}",
    "the {0} won me over",
    "a {0} to remember",
]
NEGATIVE_CLAUSES = [
    "i hated the {0}",
    "the {0} is a mess",
    "stay away from this {0}",
    "the {0} lost me",
    "a {0} to forget",
]
PLAIN_CLAUSES = [
    "the {0} is {1}",
    "a {1} {0}",
    "what a {1} {0}",
    "this {0} was really {1}",
    "{1} {0} , {1} from start to end",
]
NEGATED_CLAUSES = [
    "the {0} is not {1}",
    "it was never {1}",
    "the {0} isn't {1} at all",
    "hardly a {1} {0}",
    "nothing {1} about it",
]
ENDINGS = ["", "", " , i think", " , if you ask me", " , all in all", " and that is that", " , says my sister"]


LABEL_NOISE = 0.02


def generate_phrases(count: int, seed: int) -> tuple[list[str], list[int]]:
    """Generate reviews with their sentiment; in a third of the clauses a negation reverses an adjective.

    Args:
        count: Number of reviews.
        seed: Random seed.

    Returns:
        The texts, and their classes, 0 (negative) or 1 (positive), of which one in fifty is wrong.
    """
    generator = np.random.default_rng(seed)
    texts, classes = [], []
    for _ in range(count):
        is_positive = bool(generator.integers(2))
        text = _generate_clause(is_positive, generator)
        if generator.random() < 0.5:
            text += " and " + _generate_clause(is_positive, generator)
        texts.append(text + str(generator.choice(ENDINGS)))
        classes.append(int(is_positive ^ (generator.random() < LABEL_NOISE)))
    return texts, classes


def _generate_clause(is_positive: bool, generator: np.random.Generator) -> str:
    noun = generator.choice(NOUNS)
    same, opposite = POSITIVE_ADJECTIVES, NEGATIVE_ADJECTIVES
    if not is_positive:
        same, opposite = opposite, same
    match generator.integers(3):
        case 0:
            return str(generator.choice(POSITIVE_CLAUSES if is_positive else NEGATIVE_CLAUSES)).format(noun)
        case 1:
            return str(generator.choice(PLAIN_CLAUSES)).format(noun, generator.choice(same))
        case _:
            return str(generator.choice(NEGATED_CLAUSES)).format(noun, generator.choice(opposite))

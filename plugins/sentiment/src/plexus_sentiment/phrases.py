"""A small set of made-up reviews, for trying things out without any file."""

import numpy as np

THINGS = [
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
GOOD = [
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
BAD = ["bad", "awful", "dull", "boring", "silly", "stupid", "clumsy", "lifeless", "stale", "cold", "fake", "tedious"]
PRAISE = ["i loved the {0}", "the {0} is a joy", "go and see this {0}", "the {0} won me over", "a {0} to remember"]
BLAME = ["i hated the {0}", "the {0} is a mess", "stay away from this {0}", "the {0} lost me", "a {0} to forget"]
PLAIN = ["the {0} is {1}", "a {1} {0}", "what a {1} {0}", "this {0} was really {1}", "{1} {0} , {1} from start to end"]
TURNED = [
    "the {0} is not {1}",
    "it was never {1}",
    "the {0} isn't {1} at all",
    "hardly a {1} {0}",
    "nothing {1} about it",
]
ASIDES = ["", "", " , i think", " , if you ask me", " , all in all", " and that is that", " , says my sister"]


def phrases(number: int, seed: int) -> tuple[list[str], list[int]]:
    """Sentences with their sentiment, 0 or 1; in a third of them a negation turns it around.

    A few labels (one in fifty) are wrong, as everywhere.
    """
    generator = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(number):
        positive = bool(generator.integers(2))
        text = _clause(positive, generator)
        if generator.random() < 0.5:
            text += " and " + _clause(positive, generator)
        texts.append(text + str(generator.choice(ASIDES)))
        labels.append(int(positive ^ (generator.random() < 0.02)))
    return texts, labels


def _clause(positive: bool, generator: np.random.Generator) -> str:
    thing = generator.choice(THINGS)
    match generator.integers(3):
        case 0:
            return str(generator.choice(PRAISE if positive else BLAME)).format(thing)
        case 1:
            return str(generator.choice(PLAIN)).format(thing, generator.choice(GOOD if positive else BAD))
        case _:
            return str(generator.choice(TURNED)).format(thing, generator.choice(BAD if positive else GOOD))

"""A model that translates word by word with a dictionary: its translations are known without training."""

import re
from collections.abc import Sequence

import numpy as np

from plexus.codec import Arrays

PADDING, UNKNOWN, BEGIN, END, TAG = range(5)
PLACEHOLDERS = tuple(f"⟦{number}⟧" for number in range(1, 5))
TOKEN = re.compile(r"⟦\d⟧|\w+|[^\w\s]")
WORDS = {
    "hello": "bonjour", "the": "la", "house": "maison", "is": "est", "white": "blanche", "good": "bon",
    "evening": "soir",
    "i": "je", "love": "aime", "you": "toi", "see": "vois", "ha": "ha", "and": "et", "write": "écris", "to": "à",
    "there": "là", "are": "sont", "cats": "chats", "click": "cliquez", "here": "ici", "yes": "oui", "buy": "achète",
}  # fmt: skip
MARKS = list(".,!?;:'-<>«»()")
LIKELY, NEXT, RARE = -0.1, -3.0, -12.0


class DictionaryCodec:
    """Words as tokens, with the interface of `TranslationCodec`."""

    begin, end = BEGIN, END
    directions = (("en", "fr"), ("fr", "en"))
    length_ratio, digit_share, confidence, max_words = 1.0, 1.0, None, 45
    scripts = frozenset(["LATIN"])

    def __init__(self, placeholders: Sequence[str] = PLACEHOLDERS, digits: bool = True) -> None:
        words = [*WORDS, *WORDS.values()]
        capitals = [word.capitalize() for word in words]
        numbers = [str(number) for number in range(10)] if digits else []
        self.tokens = ["", "<unk>", "<s>", "</s>", "<2fr>", *PLACEHOLDERS]
        self.tokens += dict.fromkeys([*words, *capitals, *MARKS, *numbers])
        self.ids = {token: number for number, token in enumerate(self.tokens)}
        self.placeholder_texts = tuple(placeholders)
        self.placeholders = tuple(self.ids[text] for text in placeholders)
        self.special_tokens = [PADDING, UNKNOWN, BEGIN, TAG, *(self.ids[text] for text in PLACEHOLDERS)]
        self.digit_tokens = [self.ids[number] for number in numbers]
        self.vocabulary_size = len(self.tokens)

    def knows_word(self, language: str, word: str) -> bool:
        return word.casefold() in (WORDS.keys() if language == "en" else WORDS.values())

    def has_unknown(self, text: str) -> bool:
        return any(
            character not in "éàâ" and not character.isascii()
            for character in TOKEN.sub(lambda match: "" if match.group() in self.ids else match.group(), text)
        )

    def encode_source(self, texts: Sequence[str], direction: tuple[str, str]) -> list[list[int]]:
        return [[TAG, *self.encode_target([text])[0], END] for text in texts]

    def encode_target(self, texts: Sequence[str]) -> list[list[int]]:
        return [[self.ids.get(token, UNKNOWN) for token in TOKEN.findall(text)] for text in texts]

    def source_offsets(self, text: str) -> list[tuple[int, int]]:
        return [(0, 0), *(match.span() for match in TOKEN.finditer(text)), (0, 0)]

    def decode_ids(self, ids: Sequence[int]) -> str:
        text = " ".join(self.tokens[number] for number in ids)
        return re.sub(r"(?<=\d) (?=\d)", "", re.sub(r" (?=[.,)'>])|(?<=[('<]) ", "", text))


class DictionaryPredictor:
    """Networks that give the dictionary's translation of the token at the same place a high probability.

    Args:
        codec: The codec.
        changes: Other translations of source tokens.
        endless: Whether the end is never probable.
    """

    def __init__(self, codec: DictionaryCodec, changes: dict[str, str] | None = None, endless: bool = False) -> None:
        self.codec, self.endless, self.calls = codec, endless, list[str]()
        pairs = {**WORDS, **{word.capitalize(): other.capitalize() for word, other in WORDS.items()}}
        pairs |= {mark: mark for mark in [*MARKS, *PLACEHOLDERS, *map(str, range(10))]} | (changes or {})
        self.output = {codec.ids[word]: codec.ids[other] for word, other in pairs.items() if word in codec.ids}
        self.output[END] = END

    def __call__(self, inputs: Arrays, network: str = "network") -> Arrays:
        self.calls.append(network)
        source = inputs["source"]
        if network == "encoder":
            cross = np.repeat(source[:, None, None, :, None], 2, axis=4).astype(np.float32)
            return {"cross_keys": cross, "cross_values": cross}
        keys, token = inputs["keys"], inputs["token"]
        (rows, beam), step, width = token.shape, keys.shape[4], source.shape[1]
        assert keys.shape[:2] == (rows, beam)
        assert inputs["cross_keys"].shape[0] == rows
        log_probabilities = np.full((rows, beam, self.codec.vocabulary_size), RARE, np.float32)
        attention = np.zeros((rows, beam, width), np.float32)
        for row in range(rows):
            place = min(step + 1, int(np.argmax(source[row] == END)))
            target = self.output.get(int(source[row, place]), self.codec.ids["ha"])
            if target == END and self.endless:
                target = self.codec.ids["ha"]
            log_probabilities[row, :, self.codec.ids["oui"]] = NEXT
            log_probabilities[row, :, END] = np.maximum(log_probabilities[row, :, END], RARE if self.endless else -6)
            log_probabilities[row, :, target] = LIKELY
            attention[row, :, place] = 1
        new = np.repeat(token[:, :, None, None, None, None], 2, axis=5).astype(np.float32)
        caches = np.concatenate([keys, new], axis=4)
        caches = {"new_keys": caches, "new_values": caches}
        return {"log_probabilities": log_probabilities, "attention": attention, **caches}

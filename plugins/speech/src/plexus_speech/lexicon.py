"""The words that there are."""

from collections.abc import Sequence

END = 0


class Lexicon:
    """A tree of words, letter by letter.

    Args:
        words: as indices of letters.
        space: the index of what is between words.
    """

    def __init__(self, words: Sequence[Sequence[int]], space: int) -> None:
        self.space, self._tree = space, {}
        self._nodes: dict[tuple[int, ...], dict] = {(): self._tree}
        for word in words:
            node = self._tree
            for letter in word:
                node = node.setdefault(letter, {})
            node[END] = {}

    def after(self, prefix: tuple[int, ...], letters: list[int]) -> list[int]:
        """Those of the letters that may follow: a space after a word, a letter that some word goes on with."""
        node = self._node(prefix)
        return [
            letter
            for letter in letters
            if (END in node and node is not self._tree if letter == self.space else letter in node)
        ]

    def ends(self, prefix: tuple[int, ...]) -> bool:
        """Whether the last word is whole."""
        return not prefix or END in self._node(prefix)

    def _node(self, prefix: tuple[int, ...]) -> dict:
        """Where in the tree a prefix's last word stands."""
        if prefix not in self._nodes:
            before = self._node(prefix[:-1])
            self._nodes[prefix] = self._tree if prefix[-1] == self.space else before[prefix[-1]]
        return self._nodes[prefix]

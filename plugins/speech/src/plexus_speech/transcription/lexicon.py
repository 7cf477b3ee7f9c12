"""The closed vocabulary of a decoder."""

from collections.abc import Sequence


class _Node:
    """A node of the prefix tree: the children by letter, and whether a word ends here."""

    def __init__(self) -> None:
        self.children: dict[int, _Node] = {}
        self.is_word = False


class Lexicon:
    """A prefix tree of words, which constrains a prefix beam search.

    Args:
        words: Words as indices of letters.
        space: Index of the space between words.

    Example:
        ```python
        lexicon = Lexicon([[1, 2], [1, 3]], space=4)
        lexicon.allowed((1,), [1, 2, 3])  # [2, 3]
        ```
    """

    def __init__(self, words: Sequence[Sequence[int]], space: int) -> None:
        self.space, self._root = space, _Node()
        self._nodes: dict[tuple[int, ...], _Node] = {(): self._root}
        for word in words:
            node = self._root
            for letter in word:
                node = node.children.setdefault(letter, _Node())
            node.is_word = True

    def allowed(self, prefix: tuple[int, ...], letters: list[int]) -> list[int]:
        """Return the letters that may follow a prefix.

        Args:
            prefix: Letters of an allowed text.
            letters: Candidates.

        Returns:
            The candidates that continue a word, and the space after a complete word.
        """
        node = self._node(prefix)
        return [letter for letter in letters if (node.is_word if letter == self.space else letter in node.children)]

    def is_complete(self, prefix: tuple[int, ...]) -> bool:
        """Return whether the last word of a prefix is complete.

        Args:
            prefix: Letters of an allowed text.

        Returns:
            True also for the empty prefix.
        """
        return not prefix or self._node(prefix).is_word

    def _node(self, prefix: tuple[int, ...]) -> _Node:
        """Return the node of the last word of a prefix."""
        if prefix not in self._nodes:
            parent = self._node(prefix[:-1])
            self._nodes[prefix] = self._root if prefix[-1] == self.space else parent.children[prefix[-1]]
        return self._nodes[prefix]

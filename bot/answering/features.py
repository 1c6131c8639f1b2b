"""Word and letter features of a phrasing: what two differently worded questions may still share.

A phrasing becomes words, word pairs and the three- and four-letter pieces of its longer words, weighed by how
rare they are in the knowledge (inverse document frequency) and scaled to length one. A known name is replaced
by one feature for its entry and one for its group, so that "how long does zoloft take" and "how long does
prozac take" are nearly the same question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]

PAIR_WEIGHT: Final = 0.7
PIECE_WEIGHT: Final = 0.35
_PIECED_FROM: Final = 4


def letter_pieces(word: str) -> Iterable[str]:
    """The three- and four-letter pieces of a word with its edges marked (``#pill#``)."""
    edged = f"#{word}#"
    for size in (3, 4):
        for start in range(len(edged) - size + 1):
            yield "~" + edged[start : start + size]


def _word_features(word: str) -> tuple[tuple[str, float], ...]:
    if word.startswith("@") or len(word) < _PIECED_FROM:
        return ((word, 1.0),)
    return ((word, 1.0), *((piece, PIECE_WEIGHT) for piece in letter_pieces(word)))


def _is_part(feature: str) -> bool:
    return " " in feature or feature.startswith("~")


class FeatureSpace:
    """Numbers for features, and their weights. Grows while an index is built, then is only read."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._by_word: dict[str, tuple[tuple[int, float], ...]] = {}
        self.rarity: Floats = np.zeros(0, dtype=np.float32)

    def __len__(self) -> int:
        return len(self._numbers)

    def _number(self, feature: str) -> int:
        return self._numbers.setdefault(feature, len(self._numbers))

    def _learn(self, word: str) -> tuple[tuple[int, float], ...]:
        numbered = tuple((self._number(feature), weight) for feature, weight in _word_features(word))
        self._by_word[word] = numbered
        return numbered

    def grow(self, words: Sequence[str]) -> Mapping[int, float]:
        """Counts of the features of ``words``; features not seen before get a number."""
        counts: Counter[int] = Counter()
        for word in words:
            for number, weight in self._by_word.get(word) or self._learn(word):
                counts[number] += weight  # type: ignore[assignment]
        for left, right in pairwise(words):
            counts[self._number(f"{left} {right}")] += PAIR_WEIGHT  # type: ignore[assignment]
        return counts

    def settle(self, phrasings: Sequence[Mapping[int, float]]) -> npt.NDArray[np.int32]:
        """End growing: fix weights, forget pairs and pieces that one phrasing alone has.

        Returns the new number of every old one, or -1 where the feature was forgotten.
        """
        counts = np.zeros(len(self._numbers), dtype=np.float32)
        for phrasing in phrasings:
            counts[list(phrasing)] += 1
        names = list(self._numbers)
        kept = (counts >= 2) | np.fromiter((not _is_part(name) for name in names), dtype=np.bool_, count=len(names))
        renumbered = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
        self.rarity = np.log1p(len(phrasings) / np.maximum(counts[kept], 1)).astype(np.float32)
        self._numbers = {name: int(new) for name, new in zip(names, renumbered, strict=True) if new >= 0}
        self._by_word = {
            word: tuple((int(renumbered[old]), weight) for old, weight in features if renumbered[old] >= 0)
            for word, features in self._by_word.items()
        }
        return renumbered

    def known(self, words: Sequence[str]) -> tuple[Ints, Floats]:
        """Features of ``words`` that some phrasing has, with weights scaled to length one."""
        counts: dict[int, float] = {}
        for word in words:
            for number, weight in self._by_word.get(word) or self._unseen(word):
                counts[number] = counts.get(number, 0.0) + weight
        for left, right in pairwise(words):
            pair = self._numbers.get(f"{left} {right}")
            if pair is not None:
                counts[pair] = counts.get(pair, 0.0) + PAIR_WEIGHT
        return self.scaled(counts)

    def _unseen(self, word: str) -> tuple[tuple[int, float], ...]:
        numbers = self._numbers
        return tuple((numbers[feature], weight) for feature, weight in _word_features(word) if feature in numbers)

    def scaled(self, counts: Mapping[int, float]) -> tuple[Ints, Floats]:
        """Numbers and unit-length weights of counted features."""
        if not counts:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        numbers = np.fromiter(counts, dtype=np.int32, count=len(counts))
        weights = np.fromiter(counts.values(), dtype=np.float32, count=len(counts)) * self.rarity[numbers]
        return numbers, weights / max(float(np.linalg.norm(weights)), 1e-9)

    def without_pieces(self) -> list[bool]:
        """For each feature whether it is a word or a pair of words, not a piece of letters."""
        return [not name.startswith("~") for name in self._numbers]

    def whole_words(self) -> dict[str, int]:
        """The numbers of all whole words (no pairs, pieces or names)."""
        return {
            name: number for name, number in self._numbers.items() if not _is_part(name) and not name.startswith("@")
        }

    def coverage(self, words: Sequence[str]) -> float:
        """The share of ``words`` that occur in the knowledge as they are, 0 to 1."""
        return sum(word in self._by_word for word in words) / len(words) if words else 0.0

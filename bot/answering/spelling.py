"""Mending everyday words: an unknown word becomes the known word it most likely was meant to be.

Used for wording only (``symtoms`` → ``symptoms``); names of medicines have their own, stricter way in
:mod:`bot.answering.names`. Candidates share the first letter and nearly the length, so that the cost of one
word does not grow with the vocabulary; rapidfuzz's optimal string alignment then decides.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

_SHORTEST: Final = 4
_DOUBLED: Final = re.compile(r"(.)\1")
_TWO_FROM: Final = 8


class Speller:
    """Known words with how often they occur, ready to mend unknown ones."""

    def __init__(self, counts: Mapping[str, int], common: frozenset[str] = frozenset()) -> None:
        """``common`` are words of everyday English that the knowledge need not have."""
        self._counts = dict(counts)
        self._common = common
        self._undoubled = {once for word in counts if (once := _DOUBLED.sub(r"\1", word)) != word} - counts.keys()
        buckets: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(counts):
            if len(word) >= _SHORTEST and word.isalpha():
                buckets[word[0], len(word)].append(word)
        self._buckets = {key: tuple(words) for key, words in buckets.items()}

    def recounted(self, changes: Mapping[str, int]) -> Speller:
        """The same with words counted more or less often; what is counted no more is forgotten."""
        counts = {word: self._counts.get(word, 0) + change for word, change in changes.items()}
        return Speller({word: n for word, n in {**self._counts, **counts}.items() if n > 0}, self._common)

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each known word occurs."""
        return self._counts

    def known(self, word: str) -> bool:
        """Whether the word needs no mending. A known word that only lacks a doubled letter does (``efects``)."""
        if word in self._counts or word in self._undoubled:
            return word in self._counts
        return word in self._common or any(form in self._common for form in _stems(word))

    def mend(self, word: str) -> str:
        """The nearest known word within one step (two from eight letters on); the word itself when there is none."""
        if len(word) < _SHORTEST or not word.isalpha() or self.known(word):
            return word
        reach = 2 if len(word) >= _TWO_FROM else 1
        found: list[tuple[int, int, str]] = []
        for length in range(len(word) - reach, len(word) + reach + 1):
            bucket = self._buckets.get((word[0], length), ())
            for near, distance, _ in process.extract(word, bucket, scorer=OSA.distance, score_cutoff=reach, limit=3):
                found.append((int(distance), -self._counts[near], near))
        return min(found)[2] if found else word


def _stems(word: str) -> tuple[str, ...]:
    """What a word may be without its ending (``snowing``, ``baked``, ``pancakes``)."""
    return tuple(
        word[: -len(end)]
        for end in ("ing", "ed", "es", "s", "er", "ly")
        if word.endswith(end) and len(word) > len(end) + 3
    )

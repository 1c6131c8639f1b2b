"""Word features of a phrasing: what two differently worded questions may still share.

A phrasing becomes its words and pairs of neighbouring words, weighed by how rare they are in the knowledge (inverse
document frequency) and scaled to length one. A known name is replaced by one feature for its entry and one for its
group, so that "how long does zoloft take" and "how long does prozac take" are nearly the same question. Pieces of
words were tried and told nothing more: misspelt words are mended before.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]

PAIR_WEIGHT: Final = 0.7


@dataclass(frozen=True, slots=True)
class Rows:
    """Features of many texts: those of text ``t`` are ``features[starts[t]:starts[t + 1]]``, with their weights."""

    starts: Ints
    features: Ints
    weights: Floats

    def __len__(self) -> int:
        return len(self.starts) - 1

    def row(self, place: int) -> tuple[Ints, Floats]:
        """Features and weights of one text."""
        part = slice(int(self.starts[place]), int(self.starts[place + 1]))
        return self.features[part], self.weights[part]

    def taken(self, places: Ints) -> Rows:
        """The rows at ``places``, in that order."""
        sizes = np.diff(self.starts)[places]
        starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
        flat = np.arange(starts[-1]) + np.repeat(self.starts[places] - starts[:-1], sizes)
        return Rows(starts, self.features[flat], self.weights[flat])

    def sums(self, groups: Ints, count: int, size: int) -> Floats:
        """For each of ``count`` groups of texts the summed weights of each of ``size`` features."""
        owners = np.repeat(groups, np.diff(self.starts)).astype(np.int64)
        flat = np.bincount(owners * size + self.features, self.weights, minlength=count * size)
        return flat.reshape(count, size).astype(np.float32)


class FeatureSpace:
    """Numbers for features, and their weights."""

    def __init__(self, numbers: Mapping[str, int], rarity: Floats) -> None:
        self._numbers = numbers
        self._rarity = rarity

    def __len__(self) -> int:
        return len(self._rarity)

    def number(self, word: str) -> int | None:
        """The number of a word, or ``None`` when no phrasing has it."""
        return self._numbers.get(word)

    def known(self, words: Sequence[str]) -> tuple[Ints, Floats]:
        """Features of ``words`` that some phrasing has, with weights scaled to length one."""
        counts: dict[int, float] = {}
        find = self._numbers.get
        for names, weight in ((words, 1.0), (_pairs(words), PAIR_WEIGHT)):
            for number in map(find, names):
                if number is not None:
                    counts[number] = counts.get(number, 0.0) + weight
        numbers = np.fromiter(counts, dtype=np.int32, count=len(counts))
        weights = np.fromiter(counts.values(), dtype=np.float32, count=len(counts)) * self._rarity.take(numbers)
        return numbers, weights / np.float32(max(math.sqrt(weights @ weights), 1e-9))

    def coverage(self, words: Sequence[str]) -> float:
        """The share of ``words`` that occur in the knowledge as they are, 0 to 1."""
        return sum(word in self._numbers for word in words) / len(words) if words else 0.0

    def corrected(self, rows: Rows, gone: Ints, added: Sequence[Sequence[str]]) -> tuple[FeatureSpace, Rows]:
        """The space without the phrasings ``gone`` of its ``rows`` but with ``added``; and all rows, the added last.

        As :func:`learn_features` would make it, but for pairs that one phrasing had so far: they stay forgotten.
        """
        new = Counter(name for words in added for name in {*words, *_pairs(words)} if name not in self._numbers)
        names = [name for name, count in new.items() if count > 1 or " " not in name]
        numbers = {**self._numbers, **{name: len(self) + place for place, name in enumerate(names)}}
        found = [
            number for words in added for name in {*words, *_pairs(words)} if (number := numbers.get(name, -1)) >= 0
        ]
        size = len(self) + len(names)
        counts = np.bincount(np.concatenate((rows.features, np.asarray(found, dtype=np.int32))), minlength=size)
        counts -= np.bincount(rows.taken(gone).features, minlength=size)
        rarity = np.log1p((len(rows) - len(gone) + len(added)) / np.maximum(counts, 1)).astype(np.float32)
        left = (counts > 0).tolist()
        space = FeatureSpace({name: number for name, number in numbers.items() if left[number]}, rarity)
        weights = rows.weights * (rarity[: len(self)] / self._rarity)[rows.features]
        return space, _joined(Rows(rows.starts, rows.features, weights), [space.known(words) for words in added])


def _joined(rows: Rows, more: Sequence[tuple[Ints, Floats]]) -> Rows:
    """``rows`` and ``more``, each scaled to length one."""
    sizes = np.fromiter((len(numbers) for numbers, _ in more), dtype=np.int64, count=len(more))
    starts = np.concatenate((rows.starts, rows.starts[-1] + np.cumsum(sizes)))
    weights = np.concatenate((rows.weights, *(found for _, found in more)))
    owners = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    lengths = np.sqrt(np.bincount(owners, weights * weights, minlength=len(starts) - 1))
    features = np.concatenate((rows.features, *(numbers for numbers, _ in more)))
    scaled = weights / np.maximum(lengths[owners], 1e-9)
    return Rows(starts.astype(np.int32), features.astype(np.int32), scaled.astype(np.float32))


def _pairs(words: Sequence[str]) -> list[str]:
    return [f"{left} {right}" for left, right in pairwise(words)]


def learn_features(phrasings: Sequence[Sequence[str]]) -> tuple[FeatureSpace, Rows]:
    """Number and weigh the features of all phrasings. Pairs that only one phrasing has are forgotten."""
    numbers: dict[str, int] = {}
    found = [[numbers.setdefault(name, len(numbers)) for name in (*words, *_pairs(words))] for words in phrasings]
    sizes = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
    flat = np.fromiter(chain.from_iterable(found), dtype=np.int64, count=int(sizes.sum()))
    pairs = np.fromiter((" " in name for name in numbers), dtype=np.bool_, count=len(numbers))
    total = max(len(numbers), 1)
    cells, back = np.unique(np.repeat(np.arange(len(found)), sizes) * total + flat, return_inverse=True)
    amounts = np.bincount(back, np.where(pairs[flat], PAIR_WEIGHT, 1.0), minlength=len(cells)).astype(np.float32)
    owners, features = cells // total, cells % total
    counts = np.bincount(features, minlength=len(numbers))
    kept = ~pairs | (counts >= 2)
    renumbered = np.cumsum(kept) - 1
    rarity = np.log1p(len(found) / np.maximum(counts[kept], 1)).astype(np.float32)
    space = FeatureSpace({name: int(renumbered[old]) for name, old in numbers.items() if kept[old]}, rarity)
    stays = kept[features]
    owners, features = owners[stays], renumbered[features[stays]].astype(np.int32)
    weights = amounts[stays] * rarity[features]
    lengths = np.sqrt(np.bincount(owners, weights * weights, minlength=len(found)))
    starts = np.concatenate(([0], np.cumsum(np.bincount(owners, minlength=len(found))))).astype(np.int32)
    return space, Rows(starts, features, (weights / np.maximum(lengths[owners], 1e-9)).astype(np.float32))

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
from itertools import compress, pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.numbering import Texts, distinct, neighbours, places_of, repeated

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
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

    def taken(self, places: Ints | Longs) -> Rows:
        """The rows at ``places``, in that order."""
        first = self.starts[places]
        sizes = self.starts[places + 1] - first
        starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
        flat = np.arange(starts[-1]) + np.repeat(first - starts[:-1], sizes)
        return Rows(starts, self.features.take(flat), self.weights.take(flat))

    def widened(self, feature: int) -> Rows:
        """The same with one more feature in every text, of weight 1, after all others."""
        starts = (self.starts + np.arange(len(self.starts))).astype(np.int32)
        features, weights = np.full(starts[-1], feature, dtype=np.int32), np.ones(starts[-1], dtype=np.float32)
        kept = np.ones(starts[-1], dtype=np.bool_)
        kept[starts[1:] - 1] = False
        features[kept], weights[kept] = self.features, self.weights
        return Rows(starts, features, weights)

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


def learn_features(texts: Texts) -> tuple[FeatureSpace, Rows]:
    """Number and weigh the features of all phrasings. Pairs that only one phrasing has are forgotten."""
    count, left = len(texts.sizes), neighbours(texts.owners)
    numbers, singles, pairs = _named(texts, left)
    found, holders = np.concatenate((singles, pairs)), np.concatenate((texts.owners, texts.owners[left]))
    total = len(numbers)
    cells, amounts = distinct((holders * total + found)[found >= 0])
    owners, features = np.divmod(cells, max(total, 1))
    counts = np.bincount(features, minlength=total)
    paired = np.fromiter((" " in name for name in numbers), dtype=np.bool_, count=total)
    kept = ~paired | (counts >= 2)
    stays = kept[features]
    owners, features, amounts = owners[stays], features[stays], amounts[stays]
    rarity = np.log1p(count / np.maximum(counts, 1)).astype(np.float32)
    weights = amounts * np.where(paired, np.float32(PAIR_WEIGHT), np.float32(1))[features] * rarity[features]
    lengths = np.sqrt(np.bincount(owners, weights * weights, minlength=count))
    starts = np.concatenate(([0], np.cumsum(np.bincount(owners, minlength=count)))).astype(np.int32)
    scaled = (weights / np.maximum(lengths[owners], 1e-9)).astype(np.float32)
    renumbered = (np.cumsum(kept) - 1)[features].astype(np.int32)
    space = FeatureSpace({name: place for place, name in enumerate(compress(numbers, kept.tolist()))}, rarity[kept])
    return space, Rows(starts, renumbered, scaled)


def _named(texts: Texts, left: Longs) -> tuple[dict[str, int], Longs, Longs]:
    """Numbers for the names of features, those of all words, and those of the pairs that begin at ``left``: -1 for
    pairs that occur once. What stands for slang may be two words, and is the same as the pair of them."""
    words, size = texts.words, len(texts.words)
    codes = texts.numbers[left] * size + texts.numbers[left + 1]
    often = np.union1d(repeated(codes), _spelt_apart(words))
    pairs = [f"{words[code // size]} {words[code % size]}" for code in often.tolist()]
    numbers = {name: number for number, name in enumerate(dict.fromkeys((*words, *pairs)))}
    places = places_of(codes, often)
    paired = np.fromiter((*map(numbers.__getitem__, pairs), -1), dtype=np.int64, count=len(pairs) + 1)
    return numbers, texts.numbers, paired[places]


def _spelt_apart(words: Sequence[str]) -> Longs:
    """Codes of those pairs of ``words`` that are one of them, written with a blank."""
    numbers, size = {word: number for number, word in enumerate(words)}, len(words)
    splits = (
        (" ".join(parts[:place]), " ".join(parts[place:]))
        for parts in (word.split(" ") for word in words if " " in word)
        for place in range(1, len(parts))
    )
    codes = [numbers[one] * size + numbers[other] for one, other in splits if one in numbers and other in numbers]
    return np.asarray(codes, dtype=np.int64)

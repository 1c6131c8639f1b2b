"""Many texts at once: their words as numbers, one text after the other, so that whatever is counted in all of them is
counted by arrays and not word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Texts:
    """``words`` in the order in which they first occur; ``numbers`` are those of all texts in a row, ``sizes`` how many
    each text has."""

    words: tuple[str, ...]
    numbers: Longs
    sizes: Longs

    @property
    def owners(self) -> Longs:
        """To which text each number belongs."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)


def numbered(texts: Sequence[Sequence[str]]) -> Texts:
    """``texts`` as numbers of their words."""
    sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    words = tuple(dict.fromkeys(chain.from_iterable(texts)))
    numbers = dict(zip(words, range(len(words)), strict=True))
    found = map(numbers.__getitem__, chain.from_iterable(texts))
    return Texts(words, np.fromiter(found, dtype=np.int64, count=int(sizes.sum())), sizes)


def distinct(values: Longs) -> tuple[Longs, Longs]:
    """The distinct ``values`` in ascending order, and how often each occurs."""
    ordered = np.sort(values)
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    places = np.flatnonzero(first)
    return ordered[places], np.diff(places, append=len(ordered))


def places_of(values: Longs, among: Longs) -> Longs:
    """Where each of ``values`` stands in ``among``, which ascends; -1 where it does not."""
    if not among.size:
        return np.full(len(values), -1, dtype=np.int64)
    order, places = np.argsort(values), np.empty(len(values), dtype=np.int64)
    places[order] = np.searchsorted(among, values[order])  # in order they are found many times as fast
    places[places == len(among)] = 0
    return np.where(among[places] == values, places, -1)


def repeated(values: Longs) -> Longs:
    """Those that occur more than once, each once and in ascending order."""
    ordered = np.sort(values)
    return distinct(ordered[1:][ordered[1:] == ordered[:-1]])[0]


def neighbours(owners: Longs, apart: int = 1) -> Longs:
    """The places whose text goes on ``apart`` places later."""
    return np.flatnonzero(owners[:-apart] == owners[apart:])


def summed(rows: Floats, owners: npt.NDArray[np.integer[Any]], count: int) -> Floats:
    """For each of ``count`` owners the sum of its rows; quickest where those of one owner come together."""
    sums = np.zeros((count, rows.shape[1]), dtype=np.float32)
    if len(rows):
        first = np.flatnonzero(np.diff(owners, prepend=owners[0] - 1))
        np.add.at(sums, owners[first], np.add.reduceat(rows, first, axis=0))
    return sums


class Local:
    """Gives the features of a few texts small numbers of their own, so that a small table holds them."""

    def __init__(self, size: int) -> None:
        """``size``: how many features there are."""
        self._numbers = np.empty(size, dtype=np.int64)

    def of(self, features: Longs) -> tuple[Longs, Longs]:
        """Each of ``features`` once, and for all of them where they stand among those."""
        numbers, counted = self._numbers, np.arange(len(features))
        numbers[features] = counted
        used = features[numbers[features] == counted]
        numbers[used] = counted[: len(used)]
        return used, numbers[features]

"""Telling targets apart: one linear separator for each target, learned from the stored phrasings whenever an index
is built.

A mean of phrasings (as in :mod:`bot.answering.index`) says what a target's questions look like; a separator says
what sets them apart from everybody else's. Each is a linear support vector machine with squared hinge loss on the
features of :mod:`bot.answering.features`, one target against all others, found by dual coordinate descent (Hsieh et
al. 2008, "A Dual Coordinate Descent Method for Large-scale Linear SVM", algorithm 1) for all targets at once. It
is learned anew with every index, so that it is never older than the phrasings. The phrasings are visited in an order
that hangs on their own words alone: one more of them stirs what is near it, and not, by another shuffle, everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.features import Rows
from bot.answering.numbering import Local

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

COST: Final = np.float32(0.6)
"""What one wrongly sided phrasing costs (C)."""
_EASE: Final = np.float32(0.5) / COST
_EPOCHS: Final = 4
"""More tell the targets apart no better on questions that nothing was learned from."""
_BLOCK: Final = 12
"""How many phrasings are learned from at a time; of more, the small table of their features would be mostly empty."""
_AT_ONCE: Final = 512
_STILL: Final = np.float32(1e-4)
_HOLDING: Final = np.float32(0.3)
"""About this share of the phrasings that are not looked at pull at a separator, and so hold it."""
_CORRECTIONS: Final = 3
_ODD: Final = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
"""Multipliers that scatter numbers (splitmix64)."""


@dataclass(frozen=True, slots=True)
class Separators:
    """``weights``: features, then one constant, × targets; in half precision."""

    weights: Halves

    def scores(self, numbers: Ints, weights: Floats) -> Floats:
        """How far a message lies on each target's side: about 1 for a sure yes, -1 for a sure no."""
        rows = self.weights[numbers].astype(np.float32)
        return np.asarray(weights @ rows + self.weights[-1].astype(np.float32), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Lessons:
    """Phrasings to learn from: their features, and for each its target (-1 when that is gone)."""

    rows: Rows
    owners: Ints

    def each(self, local: Ints) -> Iterator[tuple[Ints, Floats, int]]:
        """Features (as ``local`` numbers them) with the constant, weights and target of each."""
        for place, owner in enumerate(self.owners.tolist()):
            numbers, weights = _with_constant(*self.rows.row(place), -1)
            yield local[numbers], weights, owner


@dataclass(frozen=True, slots=True)
class _Pulled:
    """A phrasing and how hard it pulls at every separator."""

    numbers: Ints
    weights: Floats
    side: Floats
    pull: Floats

    @classmethod
    def fresh(cls, numbers: Ints, weights: Floats, owner: int, targets: int) -> _Pulled:
        """One that was never learned from."""
        side = np.full(targets, -1, dtype=np.float32)
        if owner >= 0:
            side[owner] = 1
        return cls(numbers, weights, side, np.zeros(targets, dtype=np.float32))

    @classmethod
    def lying(cls, table: Floats, numbers: Ints, weights: Floats, owner: int) -> _Pulled:
        """One that was learned from, as it lies now."""
        found = cls.fresh(numbers, weights, owner, table.shape[1])
        np.maximum(0, (1 - found.side * (weights @ table[numbers])) / _EASE, out=found.pull)
        return found

    def descend(self, table: Floats, ease: Floats) -> None:
        """One step: the best pull on every separator while all others hold still, where features yield with more or
        less ``ease``."""
        rows = table.take(self.numbers, axis=0)
        eased = self.weights * ease
        step = np.float32(-1 / (float(self.weights @ eased) + _EASE))
        better = self.pull + step * (self.side * (self.weights @ rows) - 1 + _EASE * self.pull)
        np.maximum(better, 0, out=better)
        moved = (better - self.pull) * self.side
        self.pull[:] = better
        if np.abs(moved).max() > _STILL:
            table[self.numbers] = rows + np.multiply.outer(eased, moved)


def learn_separators(rows: Rows, owners: Ints, texts: Sequence[str], features: int, targets: int) -> Separators:
    """Learn from the phrasings' features and the target that each belongs to (``owners``)."""
    table = np.zeros((features + 1, targets), dtype=np.float32)
    pulls = np.zeros((len(rows), targets), dtype=np.float32)
    lessons = rows.widened(features)
    for order in orders(texts, _EPOCHS):
        for places in np.split(order, range(_AT_ONCE, len(order), _AT_ONCE)):
            pulls[places] = _descended(table, lessons.taken(places), owners[places], pulls[places])
    return Separators(table.astype(np.float16))


def _descended(table: Floats, rows: Rows, owners: Ints, pulls: Floats) -> Floats:
    """``pulls`` after one step of each of some phrasings, one after the other, into ``table``.

    A pull has the sign of its side: towards the own target it is never below zero, away from the others never above.
    """
    places, sizes = np.arange(len(rows)), np.diff(rows.starts)
    holders = np.repeat(places, sizes)
    steps = (-1 / (np.bincount(holders, rows.weights**2, minlength=len(rows)) + _EASE)).astype(np.float32)
    begun = pulls * (1 + _EASE * steps)[:, None] + steps[:, None]
    begun[places, owners] -= 2 * steps
    belong = owners.tolist()
    features = rows.features.astype(np.int64)
    solver = _Solver(table, holders % _BLOCK, features, rows.weights, rows.weights * steps[holders])
    bounds = [*rows.starts[:-1:_BLOCK].tolist(), int(rows.starts[-1])]
    for first, (start, end) in zip(range(0, len(rows), _BLOCK), pairwise(bounds), strict=True):
        part = slice(first, first + _BLOCK)
        solver.solve(slice(start, end), begun[part], belong[part], pulls[part])
    return pulls


class _Solver:
    """Takes the steps of a few phrasings at a time, exactly as if each came after the other.

    How each stands towards the table is computed for all of them at once; how the steps of those before change it
    follows from the products of their features, and the table is moved once for all.
    """

    def __init__(self, table: Floats, holders: Longs, features: Longs, weights: Floats, stepped: Floats) -> None:
        self._table, self._holders, self._features = table, holders, features
        self._weights, self._stepped = weights, stepped
        self._local = Local(len(table))
        self._before = np.tri(_BLOCK, k=-1, dtype=np.float32)
        self._nothing = np.zeros(table.shape[1], dtype=np.float32)

    def solve(self, part: slice, begun: Floats, owners: Sequence[int], pulls: Floats) -> None:
        """One step of each of the phrasings that have the features of ``part``: into the table and into ``pulls``.

        ``begun`` is what their pulls become where the table is empty, and ``owners`` are their own targets.
        """
        count = len(pulls)
        used, numbers = self._local.of(self._features[part])
        cells = self._holders[part] * len(used) + numbers
        plain = _spread(cells, self._weights[part], count, len(used))
        stepped = _spread(cells, self._stepped[part], count, len(used))
        rows = self._table.take(used, axis=0)
        base = stepped @ rows
        base += begun
        moved = self._moved(base, (stepped @ plain.T) * self._before[:count, :count], owners, pulls)
        pulls += moved
        rows += plain.T @ moved
        self._table[used] = rows

    def _moved(self, base: Floats, between: Floats, owners: Sequence[int], pulls: Floats) -> Floats:
        """How far each pull moves, where each step feels those before it by what is ``between`` them; in ``base``."""
        base -= between @ pulls
        for place, (pull, owner) in enumerate(zip(base, owners, strict=True)):
            if place:
                np.add(pull, between[place, :place] @ base[:place], out=pull)
            own = pull[owner]
            np.minimum(pull, self._nothing, out=pull)
            pull[owner] = max(own, 0)
        base -= pulls
        return base


def _spread(cells: Longs, weights: Floats, rows: int, columns: int) -> Floats:
    """A table with ``weights`` in its ``cells``."""
    flat = np.zeros(rows * columns, dtype=np.float32)
    flat[cells] = weights
    return flat.reshape(rows, columns)


def corrected(weights: Halves, gone: Lessons, added: Lessons, near: Lessons, held: Floats) -> Separators:
    """Separators as they will nearly be without some phrasings and with others.

    ``weights`` are rows of features, the constant's last, × targets. What was learned from a phrasing is told from how
    it lies: at the best separators its pull is what its margin lacks. So those that are ``gone`` are taken out, those
    ``added`` are learned as ever, and the likest others (``near``) answer to both. All the rest hold the features that
    they have: ``held`` is the sum of their squared weights for each feature, and the constant.
    """
    touched = np.unique(
        np.concatenate((gone.rows.features, added.rows.features, near.rows.features, [len(weights) - 1]))
    )
    local = np.zeros(len(weights), dtype=np.int32)
    local[touched] = np.arange(len(touched))
    table = weights[touched].astype(np.float32)
    ease = 1 / (1 + _HOLDING * held[touched] / _EASE)
    taken = [_Pulled.lying(table, *one) for one in gone.each(local)]
    lessons = [_Pulled.lying(table, *one) for one in near.each(local)]
    lessons += [_Pulled.fresh(*one, table.shape[1]) for one in added.each(local)]
    for one in taken:
        table[one.numbers] -= np.multiply.outer(one.weights * ease[one.numbers], one.pull * one.side)
    for _ in range(_CORRECTIONS):
        for one in reversed(lessons):
            one.descend(table, ease[one.numbers])
    weights[touched] = table
    return Separators(weights)


def orders(texts: Sequence[str], epochs: int) -> Iterator[npt.NDArray[np.int64]]:
    """One shuffle for each epoch; two texts come in the same order whatever other texts there are."""
    marks = (
        int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") for text in texts
    )
    scattered = np.fromiter(marks, dtype=np.uint64, count=len(texts))
    first, second, third = map(np.uint64, _ODD)
    for _ in range(epochs):
        scattered += first
        scattered = (scattered ^ (scattered >> np.uint64(30))) * second
        scattered = (scattered ^ (scattered >> np.uint64(27))) * third
        yield np.argsort(scattered, kind="stable")


def _with_constant(numbers: Ints, weights: Floats, constant: int) -> tuple[Ints, Floats]:
    return np.append(numbers, np.int32(constant)), np.append(weights, np.float32(1))

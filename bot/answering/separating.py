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
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.features import Rows

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
Ints = npt.NDArray[np.int32]

COST: Final = np.float32(0.6)
"""What one wrongly sided phrasing costs (C)."""
_EASE: Final = np.float32(0.5) / COST
_EPOCHS: Final = 4
"""More tell the targets apart no better on questions that nothing was learned from."""
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
        """One step, as :func:`_descend`, where features yield with more or less ``ease``."""
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
    lessons = [_with_constant(*rows.row(place), features) for place in range(len(rows))]
    steps = [np.float32(-1 / (float(weights @ weights) + _EASE)) for _, weights in lessons]
    pulls = np.zeros((len(lessons), targets), dtype=np.float32)
    sides = np.where(np.eye(targets, dtype=np.bool_), np.float32(1), np.float32(-1))
    for order in orders(texts, _EPOCHS):
        for place in order.tolist():
            numbers, weights = lessons[place]
            _descend(table, pulls[place], numbers, weights, sides[owners[place]], steps[place])
    return Separators(table.astype(np.float16))


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


def _descend(table: Floats, pull: Floats, numbers: Ints, weights: Floats, side: Floats, step: np.float32) -> None:
    """One step for one phrasing: the best ``pull`` on every separator while all others hold still."""
    rows = table.take(numbers, axis=0)
    better = weights @ rows
    better *= side
    better -= 1
    better += _EASE * pull
    better *= step
    better += pull
    np.maximum(better, 0, out=better)
    moved = better - pull
    pull[:] = better
    if max(moved.max(), -moved.min()) > _STILL:
        moved *= side
        rows += np.multiply.outer(weights, moved)
        table[numbers] = rows

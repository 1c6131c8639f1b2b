"""Telling targets apart: one linear separator for each target, learned from the stored phrasings whenever an index
is built.

A mean of phrasings (as in :mod:`bot.answering.index`) says what a target's questions look like; a separator says
what sets them apart from everybody else's. Each is a linear support vector machine with squared hinge loss on the
features of :mod:`bot.answering.features`, one target against all others, found by dual coordinate descent (Hsieh et
al. 2008, "A Dual Coordinate Descent Method for Large-scale Linear SVM", algorithm 1) for all targets at once. It
is learned anew with every index, so that it is never older than the phrasings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

COST: Final = np.float32(0.6)
"""What one wrongly sided phrasing costs (C)."""
_EASE: Final = np.float32(0.5) / COST
_EPOCHS: Final = 8
_STILL: Final = np.float32(1e-4)
_SEED: Final = 20261124


@dataclass(frozen=True, slots=True)
class Separators:
    """``weights``: features, then one constant, × targets; in half precision."""

    weights: npt.NDArray[np.float16]

    def scores(self, numbers: Ints, weights: Floats) -> Floats:
        """How far a message lies on each target's side: about 1 for a sure yes, -1 for a sure no."""
        rows = self.weights[numbers].astype(np.float32)
        return np.asarray(weights @ rows + self.weights[-1].astype(np.float32), dtype=np.float32)

    def scores_left_out(self, numbers: Ints, weights: Floats, target: int) -> Floats:
        """:meth:`scores` for a stored phrasing of ``target``, as if it had not been stored.

        Its own share in the separators is taken out (the leave-one-out bound of Jaakkola & Haussler 1999, which
        is a little stricter than learning anew).
        """
        scores = self.scores(numbers, weights)
        side = np.full(len(scores), -1, dtype=np.float32)
        side[target] = 1
        pull = np.maximum(1 - side * scores, 0) / _EASE
        return np.asarray(scores - side * pull * np.float32(1 + weights @ weights), dtype=np.float32)


def learn_separators(scaled: Sequence[tuple[Ints, Floats]], owners: Ints, features: int, targets: int) -> Separators:
    """Learn from the phrasings' features (``scaled``) and the target that each belongs to (``owners``)."""
    table = np.zeros((features + 1, targets), dtype=np.float32)
    rows = [(np.append(numbers, features), np.append(weights, np.float32(1))) for numbers, weights in scaled]
    lengths = np.fromiter((float(weights @ weights) for _, weights in rows), dtype=np.float32, count=len(rows))
    pulls = np.zeros((len(rows), targets), dtype=np.float32)
    sides = np.where(np.eye(targets, dtype=np.bool_), np.float32(1), np.float32(-1))
    chance = np.random.default_rng(_SEED)
    for _ in range(_EPOCHS):
        for place in chance.permutation(len(rows)).tolist():
            numbers, weights = rows[place]
            _descend(table, pulls[place], numbers, weights, sides[owners[place]], lengths[place] + _EASE)
    return Separators(table.astype(np.float16))


def _descend(table: Floats, pull: Floats, numbers: Ints, weights: Floats, side: Floats, bend: np.float32) -> None:
    """One step for one phrasing: the best ``pull`` on every separator while all others hold still."""
    rows = table[numbers]
    slope = side * (weights @ rows) - 1 + _EASE * pull
    better = np.maximum(pull - slope / bend, 0)
    moved = (better - pull) * side
    if np.abs(moved).max(initial=0) > _STILL:
        pull[:] = better
        table[numbers] = rows + np.multiply.outer(weights, moved)

"""Nearness of single words: a message may share no word with a page and still speak of the same thing.

Each known word is compared with every word of each target's phrasings by their static vectors. Two tables come
of it, both looked up word by word. *Spread*: a target's word weights, spread over the words near them (a soft
cosine, Sidorov et al. 2014). *Best*: how near the nearest of a target's words is (the late interaction of
ColBERT, Khattab & Zaharia 2020, with static vectors).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.features import FeatureSpace
from bot.answering.vectors import WordVectors

Floats = npt.NDArray[np.float32]

_FLOOR: Final = 0.35
_POWER: Final = 4
_LEAST: Final = 0.2
_AT_ONCE: Final = 1024


@dataclass(frozen=True, slots=True)
class Nearness:
    """Rows of ``spread`` and ``best`` by word; ``rarity`` weighs words, ``numbers`` are their features."""

    rows: Mapping[str, int]
    numbers: npt.NDArray[np.int64]
    rarity: Floats
    vectors: npt.NDArray[np.float16]
    spread: Floats
    best: Floats

    def of(self, words: Sequence[str]) -> tuple[Floats, Floats]:
        """How near ``words`` are to each target: by spread weights and by best words, both about 0 to 1."""
        rows = [self.rows[word] for word in words if word in self.rows]
        targets = self.spread.shape[1]
        if not rows:
            return np.zeros(targets, dtype=np.float32), np.zeros(targets, dtype=np.float32)
        weights = self.rarity[rows]
        spread = weights @ self.spread[rows] / max(float(np.linalg.norm(weights)), 1e-9)
        best = weights @ self.best[rows] / max(float(weights.sum()), 1e-9)
        return spread.astype(np.float32), best.astype(np.float32)

    def to_words(self, words: Sequence[str], dense: Floats) -> tuple[float, float]:
        """The two figures for one target with feature weights ``dense``, computed afresh (for leave-one-out)."""
        rows = [self.rows[word] for word in words if word in self.rows]
        weights = dense[self.numbers]
        own = np.flatnonzero(weights)
        if not rows or not own.size:
            return 0.0, 0.0
        alike = self.vectors[rows].astype(np.float32) @ self.vectors[own].astype(np.float32).T
        near = np.where(alike > _FLOOR, alike, 0) ** _POWER
        rarity = self.rarity[rows]
        length = max(float(np.linalg.norm(dense)), 1e-9)
        spread = float(rarity @ (near @ weights[own])) / length / max(float(np.linalg.norm(rarity)), 1e-9)
        best = float(rarity @ np.maximum(alike.max(axis=1), _LEAST)) / max(float(rarity.sum()), 1e-9)
        return spread, best


def build_nearness(space: FeatureSpace, centroids: Floats, vectors: WordVectors) -> Nearness:
    """Compare all known words with each target's words."""
    numbers = space.whole_words()
    words = list(numbers)
    rows = np.fromiter(numbers.values(), dtype=np.int64, count=len(words))
    weights = centroids[rows] if words else np.zeros((0, centroids.shape[1]), dtype=np.float32)
    pieces = vectors.pieces(words)
    plain = vectors.means(pieces, np.ones(vectors.size, dtype=np.float32))
    plain = plain - plain.mean(axis=0) if words else plain
    plain /= np.maximum(np.linalg.norm(plain, axis=1, keepdims=True), 1e-9)
    spread = np.zeros(weights.shape, dtype=np.float32)
    best = np.zeros(weights.shape, dtype=np.float32)
    used = np.flatnonzero(weights.any(axis=1))
    owned = [np.flatnonzero(weights[used, target]) for target in range(weights.shape[1])]
    for start in range(0, len(words), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        alike = plain[part] @ plain[used].T
        best[part] = _nearest(alike, owned)
        alike[alike < _FLOOR] = 0.0
        spread[part] = np.square(np.square(alike)) @ weights[used]
    return Nearness(
        {word: row for row, word in enumerate(words)}, rows, space.rarity[rows], plain.astype(np.float16), spread, best
    )


def _nearest(alike: Floats, owned: Sequence[npt.NDArray[np.int64]]) -> Floats:
    """For each word and target the highest likeness among the target's words, never under :data:`_LEAST`."""
    across = np.ascontiguousarray(alike.T)
    out = np.full((len(alike), len(owned)), _LEAST, dtype=np.float32)
    for target, own in enumerate(owned):
        if own.size:
            np.maximum(out[:, target], across[own].max(axis=0), out=out[:, target])
    return out

"""Whether a message asks for a page at all, told from its frame: what is left of it when names are blanked.

"pay you in bitcoin for modafinil" and "what does modafinil do" name the same page, and the name speaks for it so
loudly that the rest is hardly heard. In a frame a name only says of what sort it is (a medicine, a condition, an
article, something foreign), so that what tells the two apart must be learned from the words around it: a logistic
regression between the phrasings of pages and all others, on single words, neighbours, words around a word, and three
in a row; learned anew with every index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.features import Rows
from bot.answering.separating import orders

Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]

_EDGES: Final = ("<", ">")
_NAME: Final = "@"
_GROUP: Final = "@@"
_STRANGE: Final = 0
"""The number of every word that few phrasings have: an unheard word says something too."""
_FEW: Final = 3
_LONELY: Final = 2
"""What fewer phrasings have is forgotten."""
_EPOCHS: Final = 6
_AT_ONCE: Final = 512
_RATE: Final = 0.5
_UNMET: Final = 1e-3
_SURELY: Final = 6.0


@dataclass(frozen=True, slots=True)
class Frames:
    """What frames say. ``marks`` stand for entries' names, ``words`` have numbers; ``codes`` are the known parts of
    frames in ascending order, and ``weights`` what each says, the constant last."""

    marks: Mapping[str, str]
    words: Mapping[str, int]
    codes: Longs
    weights: Floats

    def elsewhere(self, plain: Sequence[str]) -> float:
        """The log-odds that a message (its plain words) is for no page, by its frame alone; bounded."""
        if not self.codes.size:
            return 0.0
        found = _known(self.codes, _parts(_numbers(frame_of(plain, self.marks), self.words), len(self.words)))
        lean = float(self.weights[found].sum()) / sqrt(max(found.size, 1)) + float(self.weights[-1])
        return min(max(lean, -_SURELY), _SURELY)


def frame_of(plain: Sequence[str], marks: Mapping[str, str]) -> tuple[str, ...]:
    """The words of a message between two edges, each name as no more than its sort."""
    words = (marks.get(word[1:], word) if word[0] == _NAME else word for word in plain if word[:2] != _GROUP)
    return (_EDGES[0], *words, _EDGES[1])


def learn_frames(
    phrasings: Sequence[Sequence[str]], elsewhere: Sequence[bool], texts: Sequence[str], marks: Mapping[str, str]
) -> Frames:
    """Learn from the plain words of ``phrasings``, and which of them lead ``elsewhere`` than to a page.

    The same phrasings give the same frames: ``texts`` decide in which order they are looked at.
    """
    frames = [frame_of(plain, marks) for plain in phrasings]
    counts = Counter(chain.from_iterable(map(set, frames)))
    often = sorted(word for word, count in counts.items() if count >= _FEW)
    words = {word: number for number, word in enumerate(often, _STRANGE + 1)}
    codes, rows = _rows([np.unique(_parts(_numbers(frame, words), len(words))) for frame in frames])
    wanted = np.asarray(elsewhere, dtype=np.float64)
    if not codes.size or wanted.min() == wanted.max():
        return Frames(marks, words, codes[:0], np.zeros(1, dtype=np.float32))
    return Frames(marks, words, codes, _fit(rows, wanted, len(codes), texts))


def _fit(rows: Rows, wanted: npt.NDArray[np.float64], features: int, texts: Sequence[str]) -> Floats:
    """Weights of a logistic regression, the constant last: steps shrink for what was often met (Duchi et al. 2011)."""
    weights, met = np.zeros(features + 1), np.full(features + 1, _UNMET)
    sizes = np.diff(rows.starts)
    for order in orders(texts, _EPOCHS):
        for places in np.split(order, range(_AT_ONCE, len(order), _AT_ONCE)):
            some, owners = rows.taken(places.astype(np.int32)), np.repeat(np.arange(len(places)), sizes[places])
            lean = np.bincount(owners, weights[some.features] * some.weights, minlength=len(places)) + weights[-1]
            missed = 1 / (1 + np.exp(-lean)) - wanted[places]
            slope = np.bincount(some.features, some.weights * missed[owners], minlength=features + 1)
            slope[-1] = missed.sum()
            met += slope * slope
            weights -= _RATE * slope / np.sqrt(met)
    return weights.astype(np.float32)


def _numbers(frame: Sequence[str], words: Mapping[str, int]) -> Longs:
    return np.fromiter((words.get(word, _STRANGE) for word in frame), dtype=np.int64, count=len(frame))


def _parts(numbers: Longs, words: int) -> Longs:
    """Codes of the parts of a frame: words, neighbours, those around a word, and three in a row."""
    size = words + 1
    kind = size**3
    pairs = numbers[:-1] * size + numbers[1:]
    around = numbers[:-2] * size + numbers[2:]
    triples = pairs[:-1] * size + numbers[2:]
    return np.concatenate((numbers, kind + pairs, 2 * kind + around, 3 * kind + triples))


def _known(codes: Longs, parts: Longs) -> Longs:
    """The places of those ``parts`` that are among ``codes``."""
    places = np.searchsorted(codes, parts)
    places[places == len(codes)] = 0
    known: Longs = places[codes[places] == parts]
    return known


def _rows(parts: Sequence[Longs]) -> tuple[Longs, Rows]:
    """All codes that more than one frame has, and each frame's as features of equal weight, scaled to length one."""
    flat = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
    codes, back, counts = np.unique(flat, return_inverse=True, return_counts=True)
    kept = counts >= _LONELY
    owners = np.repeat(np.arange(len(parts)), [len(one) for one in parts])
    stays = kept[back]
    features = (np.cumsum(kept) - 1)[back[stays]].astype(np.int32)
    sizes = np.bincount(owners[stays], minlength=len(parts))
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
    weights = np.repeat(1 / np.sqrt(np.maximum(sizes, 1)), sizes).astype(np.float32)
    return codes[kept], Rows(starts, features, weights)

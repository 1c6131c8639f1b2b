"""Whether a message asks for a page at all, told from its frame: what is left of it when names are blanked.

"pay you in bitcoin for modafinil" and "what does modafinil do" name the same page, and the name speaks for it so
loudly that the rest is hardly heard. In a frame a name only says of what sort it is (a medicine, a condition, an
article, something foreign), so that what tells the two apart must be learned from the words around it: a logistic
regression between the phrasings of pages and all others, on single words, neighbours, words around a word, and three
in a row; learned anew with every index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.features import Rows
from bot.answering.numbering import Texts, distinct, neighbours, places_of, repeated
from bot.answering.separating import orders

Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]

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
    return (_EDGES[0], *(shown for word in plain if (shown := _shown(word, marks))), _EDGES[1])


def _shown(word: str, marks: Mapping[str, str]) -> str:
    """What a frame shows of a word; nothing of what a name's group says."""
    if word[0] != _NAME:
        return word
    return "" if word[:2] == _GROUP else marks.get(word[1:], word)


def learn_frames(phrasings: Texts, elsewhere: Sequence[bool], texts: Sequence[str], marks: Mapping[str, str]) -> Frames:
    """Learn from the plain words of ``phrasings``, and which of them lead ``elsewhere`` than to a page.

    The same phrasings give the same frames: ``texts`` decide in which order they are looked at.
    """
    framed = _framed(phrasings, marks)
    counts = np.bincount(distinct(framed.owners * len(framed.words) + framed.numbers)[0] % len(framed.words))
    often = sorted(word for word, count in zip(framed.words, counts.tolist(), strict=False) if count >= _FEW)
    words = {word: number for number, word in enumerate(often, _STRANGE + 1)}
    codes, rows = _rows(replace(framed, numbers=_numbers(framed.words, words)[framed.numbers]), len(words))
    wanted = np.asarray(elsewhere, dtype=np.float64)
    if not codes.size or wanted.min() == wanted.max():
        return Frames(marks, words, codes[:0], np.zeros(1, dtype=np.float32))
    return Frames(marks, words, codes, _fit(rows, wanted, len(codes), texts))


def _framed(texts: Texts, marks: Mapping[str, str]) -> Texts:
    """The frames of all texts."""
    shown = [_shown(word, marks) for word in texts.words]
    words = tuple(dict.fromkeys((*_EDGES, *filter(None, shown))))
    numbers = {word: number for number, word in enumerate(words)}
    inner = np.fromiter((numbers.get(word, -1) for word in shown), dtype=np.int64, count=len(shown))[texts.numbers]
    stays = inner >= 0
    sizes = np.bincount(texts.owners[stays], minlength=len(texts.sizes)) + len(_EDGES)
    ends = np.cumsum(sizes)
    framed = np.full(int(sizes.sum()), -1, dtype=np.int64)
    framed[ends - sizes], framed[ends - 1] = numbers[_EDGES[0]], numbers[_EDGES[1]]
    framed[framed < 0] = inner[stays]
    return Texts(words, framed, sizes)


def _fit(rows: Rows, wanted: npt.NDArray[np.float64], features: int, texts: Sequence[str]) -> Floats:
    """Weights of a logistic regression, the constant last: steps shrink for what was often met (Duchi et al. 2011)."""
    weights, met = np.zeros(features + 1), np.full(features + 1, _UNMET)
    rows = rows.widened(features)
    for order in orders(texts, _EPOCHS):
        for places in np.split(order, range(_AT_ONCE, len(order), _AT_ONCE)):
            some = rows.taken(places)
            owners = np.repeat(np.arange(len(places)), np.diff(some.starts))
            lean = np.bincount(owners, weights.take(some.features) * some.weights)
            missed = 1 / (1 + np.exp(-lean)) - wanted[places]
            slope = np.bincount(some.features, some.weights * missed.take(owners), minlength=features + 1)
            moved = np.flatnonzero(slope != 0)
            slope = slope.take(moved)
            met[moved] = so_far = met.take(moved) + slope * slope
            weights[moved] -= _RATE * slope / np.sqrt(so_far)
    return weights.astype(np.float32)


def _numbers(frame: Sequence[str], words: Mapping[str, int]) -> Longs:
    return np.fromiter((words.get(word, _STRANGE) for word in frame), dtype=np.int64, count=len(frame))


def _kinds(numbers: Longs, next_: Longs, after: Longs, size: int) -> tuple[Longs, ...]:
    """Codes of the parts of frames: words, neighbours, those around a word, and three in a row.

    ``next_`` and ``after`` are the places after which the frame goes on for one word, or for two.
    """
    kind = size**3
    pairs = numbers[next_] * size + numbers[next_ + 1]
    around = numbers[after] * size + numbers[after + 2]
    triples = (numbers[after] * size + numbers[after + 1]) * size + numbers[after + 2]
    return numbers, kind + pairs, 2 * kind + around, 3 * kind + triples


def _parts(numbers: Longs, words: int) -> Longs:
    """Codes of all parts of one frame."""
    places = np.arange(len(numbers))
    return np.concatenate(_kinds(numbers, places[:-1], places[:-2], words + 1))


def _known(codes: Longs, parts: Longs) -> Longs:
    """The places of those ``parts`` that are among ``codes``."""
    places = np.searchsorted(codes, parts)
    places[places == len(codes)] = 0
    known: Longs = places[codes[places] == parts]
    return known


def _rows(frames: Texts, words: int) -> tuple[Longs, Rows]:
    """All codes that more than one frame has, and each frame's as features of equal weight, scaled to length one."""
    owners, count = frames.owners, len(frames.sizes)
    next_, after = neighbours(owners), neighbours(owners, 2)
    kinds = _kinds(frames.numbers, next_, after, words + 1)
    often = [repeated(parts) for parts in kinds]
    codes = np.concatenate(often)
    found = np.concatenate([_placed(parts, often, kind) for kind, parts in enumerate(kinds)])
    holders = np.concatenate((owners, owners[next_], owners[after], owners[after]))
    cells, _ = distinct((holders * len(codes) + found)[found >= 0])
    owners, features = np.divmod(cells, max(len(codes), 1))
    kept = np.bincount(features, minlength=len(codes)) >= _LONELY
    stays = kept[features]
    sizes = np.bincount(owners[stays], minlength=count)
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
    weights = np.repeat(1 / np.sqrt(np.maximum(sizes, 1)), sizes).astype(np.float32)
    return codes[kept], Rows(starts, (np.cumsum(kept) - 1)[features[stays]].astype(np.int32), weights)


def _placed(parts: Longs, often: Sequence[Longs], kind: int) -> Longs:
    """Where each of the ``parts`` of one kind stands among all that occur often, which lie kind after kind."""
    places = places_of(parts, often[kind])
    return np.where(places >= 0, places + sum(map(len, often[:kind])), -1)

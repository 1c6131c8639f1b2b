"""Asks of different pages that say nearly the same: a question like them could land on either page.

Likeness is the mean of two cosines, of word and letter features and of whitened word vectors, as in
:mod:`bot.evaluation.clusters`; the rule ``K52`` only sees asks that share nearly all their words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.answering.index import Phrasings
from bot.answering.phrasings import REDIRECT
from bot.answering.thinking import Mind
from bot.knowledge.model import Knowledge

ALIKE: Final = 0.78
"""Mean likeness from which two asks are reported: in the packaged knowledge about a dozen pairs of pages."""
_MEANING: Final = 0.8
_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two asks and the pages (entries, or ``redirect:…``) that hold them; ``alike`` is their likeness, 0 to 1."""

    page: str
    ask: str
    other: str
    other_ask: str
    alike: float


def near_duplicates(mind: Mind, alike: float = ALIKE) -> tuple[Duplicate, ...]:
    """The most alike asks of each two pages, the most alike first. Takes some seconds; for a worker thread."""
    best: dict[tuple[str, str], Duplicate] = {}
    for one in _pairs(mind, alike):
        key = (one.page, one.other)
        if key not in best or best[key].alike < one.alike:
            best[key] = one
    return tuple(sorted(best.values(), key=lambda one: (-one.alike, one.page, one.other)))


def _pairs(mind: Mind, alike: float) -> Iterator[Duplicate]:
    phrasings = mind.index.phrasings
    texts = dict(_asks(mind.knowledge))
    rows = np.asarray([row for row, label in enumerate(phrasings.labels) if label in texts], dtype=np.int64)
    if not rows.size:
        return
    asked = [texts[phrasings.labels[row]][1] for row in rows]
    vectors = mind.index.vectors([mind.index.reader.read(ask).spoken for ask in asked])
    owners = phrasings.owners[rows]
    for at in range(0, len(rows), _AT_ONCE):
        meaning = vectors[at : at + _AT_ONCE] @ vectors.T
        meaning[owners[at : at + _AT_ONCE, None] >= owners[None, :]] = 0.0
        for left, right in zip(*np.nonzero(meaning >= max(_MEANING, 2 * alike - 1)), strict=True):
            a, b = int(rows[at + left]), int(rows[right])
            likeness = (float(meaning[left, right]) + _wording(phrasings, a, b)) / 2
            if likeness >= alike:
                (page, ask), (other, other_ask) = (texts[phrasings.labels[row]] for row in (a, b))
                yield Duplicate(page, ask, other, other_ask, likeness)


def _asks(knowledge: Knowledge) -> Iterator[tuple[str, tuple[str, str]]]:
    """Every ask by the label that the index gives it."""
    held = [(entry.id, entry.asks) for entry in knowledge.entries.values()]
    held += [(f"{REDIRECT}{redirect.id}", redirect.asks) for redirect in knowledge.redirects.values()]
    for page, asks in held:
        for number, ask in enumerate(asks, 1):
            yield f"{page}#{number}", (page, ask)


def _wording(phrasings: Phrasings, a: int, b: int) -> float:
    """The cosine of two phrasings' features."""
    (one, weights), (other, others) = phrasings.rows.row(a), phrasings.rows.row(b)
    _, left, right = np.intersect1d(one, other, return_indices=True)
    return float(weights[left] @ others[right])

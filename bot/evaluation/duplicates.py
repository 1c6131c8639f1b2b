"""Asks of different pages that say nearly the same: a question like them could land on either page.

Likeness is the mean of two cosines, of word and letter features and of whitened word vectors, as in
:mod:`bot.evaluation.clusters`; the rule ``K52`` only sees asks that share nearly all their words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bot.answering.index import Phrasings
from bot.answering.phrasings import REDIRECT
from bot.answering.thinking import Mind
from bot.knowledge.model import Knowledge

ALIKE: Final = 0.78
"""Mean likeness from which two asks are reported."""
_MEANING: Final = 0.8
_WORDED: Final = 0.4
_FEW: Final = 3000
"""So many asks are sooner looked at one by one than all with all."""
_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two asks and the pages (entries, or ``redirect:…``) that hold them; ``alike`` is their likeness, 0 to 1."""

    page: str
    ask: str
    other: str
    other_ask: str
    alike: float


def near_duplicates(mind: Mind, pages: Collection[str] | None = None, alike: float = ALIKE) -> tuple[Duplicate, ...]:
    """The most alike asks of each two pages, the most alike first; with ``pages`` those alone that are on one of them.

    Takes some milliseconds for each ask of ``pages``, half a minute for all of a large knowledge; for a worker thread.
    """
    texts = dict(_asks(mind.knowledge))
    asked = [_Asked(row, *texts[label]) for row, label in enumerate(mind.index.phrasings.labels) if label in texts]
    if not asked:
        return ()
    some = {page for _, page, _ in asked} if pages is None else pages
    few = sum(ask.page in some for ask in asked) <= _FEW
    likest = _likest_of(mind, asked, some) if few else _likest(mind, asked)
    best: dict[tuple[str, str], Duplicate] = {}
    for one, other, likeness in likest:
        key = (one.page, other.page)
        wanted = likeness >= alike and (one.page in some or other.page in some)
        if wanted and (key not in best or best[key].alike < likeness) and _names_alike(mind, one, other):
            best[key] = Duplicate(one.page, one.text, other.page, other.text, likeness)
    return tuple(sorted(best.values(), key=lambda one: (-one.alike, one.page, one.other)))


class _Asked(NamedTuple):
    """One ask: its row among the stored phrasings, its page and its text."""

    row: int
    page: str
    text: str


_Likest = Iterator[tuple[_Asked, _Asked, float]]


def _names_alike(mind: Mind, one: _Asked, other: _Asked) -> bool:
    """Whether two asks speak of the same things: medicines without pages are alike in all else."""
    first, second = (
        {
            hit.entries if hit.entries and not hit.foreign else hit.alias
            for hit in mind.index.reader.read(ask.text).names
        }
        for ask in (one, other)
    )
    return first == second


def _likest(mind: Mind, asked: Sequence[_Asked]) -> _Likest:
    """Pairs of all asks that mean nearly the same, in the order of their pages, and how alike they are."""
    vectors, owners = _vectors(mind, asked), mind.index.phrasings.owners[[ask.row for ask in asked]]
    for at in range(0, len(asked), _AT_ONCE):
        meaning = vectors[at : at + _AT_ONCE] @ vectors.T
        meaning[owners[at : at + _AT_ONCE, None] >= owners[None, :]] = 0.0
        for left, right in zip(*np.nonzero(meaning >= _MEANING), strict=True):
            one, other = asked[at + left], asked[right]
            yield one, other, (float(meaning[left, right]) + _wording(mind.index.phrasings, one.row, other.row)) / 2


def _likest_of(mind: Mind, asked: Sequence[_Asked], pages: Collection[str]) -> _Likest:
    """Pairs with one side on ``pages`` that are worded nearly the same, in the order of their pages."""
    rows = mind.index.phrasings.rows
    known = {ask.row: ask for ask in asked}
    pairs: set[tuple[int, int]] = set()
    for ask in asked:
        if ask.page in pages:
            held = np.zeros(len(mind.index.space), dtype=np.float32)
            features, weights = rows.row(ask.row)
            held[features] = weights
            wording = np.add.reduceat(np.append(held[rows.features] * rows.weights, 0), rows.starts[:-1])
            wording[np.diff(rows.starts) == 0] = 0  # which would hold what is next
            near = (row for row in np.flatnonzero(wording >= _WORDED).tolist() if row in known)
            pairs |= {(min(row, ask.row), max(row, ask.row)) for row in near if known[row].page != ask.page}
    places = {row: place for place, row in enumerate(sorted({row for pair in pairs for row in pair}))}
    vectors = _vectors(mind, [known[row] for row in places])
    for left, right in sorted(pairs):
        meaning = float(vectors[places[left]] @ vectors[places[right]])
        if meaning >= _MEANING:
            yield known[left], known[right], (meaning + _wording(mind.index.phrasings, left, right)) / 2


def _vectors(mind: Mind, asked: Sequence[_Asked]) -> npt.NDArray[np.float32]:
    return mind.index.vectors([mind.index.reader.read(ask.text).spoken for ask in asked])


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

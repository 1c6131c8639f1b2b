"""The facet: which aspect of a topic the wording asks for.

The vocabulary lists words and phrases for each facet. Three things are looked at: phrases that stand in the
message word for word, likeness of the whole message to a facet's phrases by wording, and by meaning; once the
entry is known also its own text (a word that an entry uses under one facet only points there). One conditional
logit weighs them, like in :mod:`bot.answering.matching`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.features import FeatureSpace
from bot.answering.reading import Reader, Reading
from bot.answering.vectors import WordVectors
from bot.knowledge.model import MARK, Entry, Facet, Knowledge

Floats = npt.NDArray[np.float32]

FACETS: Final = tuple(Facet)
FACET_SIGNALS: Final = ("phrase", "phrase-best", "wording", "meaning", "meaning-best", "own-text", "has-facet")
_EVERYDAY: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "to",
        "it",
        "is",
        "i",
        "my",
        "me",
        "do",
        "does",
        "in",
        "on",
        "for",
        "and",
        "or",
        "so",
        "that",
        "this",
        "you",
        "they",
        "be",
        "are",
        "was",
        "im",
        "its",
        "can",
        "if",
        "at",
        "have",
        "with",
        "not",
        "no",
    ]
)


@dataclass(frozen=True, slots=True)
class FacetIndex:
    """Looked up for every message: the phrases of all facets, in words and in vectors."""

    phrases: Mapping[tuple[str, ...], int]
    starts: frozenset[str]
    longest: int
    space: FeatureSpace
    owners: npt.NDArray[np.int64]
    matrix: Floats
    vectors: Floats
    vector_weights: Floats
    word_vectors: WordVectors
    own_words: Mapping[str, Mapping[str, Floats]]


def build_facets(knowledge: Knowledge, reader: Reader, word_vectors: WordVectors, vector_weights: Floats) -> FacetIndex:
    """Index the facet phrases of the vocabulary and the words of each entry's facets."""
    listed = [(facet, reader.read(text)) for facet in FACETS for text in knowledge.vocabulary.facets.get(facet, ())]
    space = FeatureSpace()
    counted = [space.grow(reading.plain) for _, reading in listed]
    renumbered = space.settle(counted)
    owners = np.fromiter((FACETS.index(facet) for facet, _ in listed), dtype=np.int64, count=len(listed))
    matrix = np.zeros((len(space), len(listed)), dtype=np.float32)
    for column, counts in enumerate(counted):
        numbers, weights = space.scaled(
            {new: count for old, count in counts.items() if (new := int(renumbered[old])) >= 0}
        )
        matrix[numbers, column] = weights
    phrases = {reading.plain: FACETS.index(facet) for facet, reading in listed if reading.plain}
    pieces = word_vectors.pieces([reading.spoken for _, reading in listed])
    return FacetIndex(
        phrases=phrases,
        starts=frozenset(phrase[0] for phrase in phrases),
        longest=max((len(phrase) for phrase in phrases), default=0),
        space=space,
        owners=owners,
        matrix=matrix,
        vectors=word_vectors.means(pieces, vector_weights),
        vector_weights=vector_weights,
        word_vectors=word_vectors,
        own_words={entry.id: _own_words(entry, reader) for entry in knowledge.entries.values()},
    )


def _own_words(entry: Entry, reader: Reader) -> Mapping[str, Floats]:
    """For each word of an entry's text, its share in each facet."""
    counts: dict[str, Floats] = {}
    for facet, prose in entry.facets.items():
        for word in set(reader.read(MARK.sub("", prose)).plain) - _EVERYDAY:
            counts.setdefault(word, np.zeros(len(FACETS), dtype=np.float32))[FACETS.index(facet)] += 1
    return {word: shares / (shares.sum() ** 1.5) for word, shares in counts.items()}


def facet_figures(index: FacetIndex, reading: Reading, entry: Entry | None) -> Floats:
    """Facets × signals for one message; with ``entry`` also what its own text says."""
    out = np.zeros((len(FACETS), len(FACET_SIGNALS)), dtype=np.float32)
    _phrases(index, reading.plain, out)
    numbers, weights = index.space.known(reading.plain)
    if numbers.size and len(index.owners):
        np.maximum.at(out[:, 2], index.owners, weights @ index.matrix[numbers])
    (pieces,) = index.word_vectors.pieces([reading.spoken])
    if len(index.owners):
        close = index.vectors @ index.word_vectors.mean(pieces, index.vector_weights)
        sums = np.zeros(len(FACETS), dtype=np.float32)
        np.add.at(sums, index.owners, close)
        out[:, 3] = sums / np.maximum(np.bincount(index.owners, minlength=len(FACETS)), 1)
        np.maximum.at(out[:, 4], index.owners, close)
    if entry is not None:
        own = index.own_words.get(entry.id, {})
        found = [own[word] for word in set(reading.plain) if word in own]
        if found:
            out[:, 5] = np.sum(found, axis=0)
        out[:, 6] = [float(facet in entry.facets) for facet in FACETS]
    return out


def _phrases(index: FacetIndex, plain: Sequence[str], out: Floats) -> None:
    """Phrases that stand in the message: their summed and their longest length."""
    for place, word in enumerate(plain):
        if word not in index.starts:
            continue
        for size in range(min(index.longest, len(plain) - place), 0, -1):
            facet = index.phrases.get(tuple(plain[place : place + size]))
            if facet is not None:
                worth = float(np.sqrt(size))
                out[facet, 0] += worth
                out[facet, 1] = max(out[facet, 1], worth)
                break


@dataclass(frozen=True, slots=True)
class FacetWeights:
    """Learned: one weight a signal, and how often each facet is asked for at all."""

    signals: Floats
    bias: Floats

    @classmethod
    def from_data(cls, data: Mapping[str, Mapping[str, float]]) -> FacetWeights:
        """Read weights by name."""
        return cls(
            np.asarray([data["signals"].get(name, 0.0) for name in FACET_SIGNALS], dtype=np.float32),
            np.asarray([data["bias"].get(facet.value, 0.0) for facet in FACETS], dtype=np.float32),
        )

    def to_data(self) -> dict[str, dict[str, float]]:
        """The reverse of :meth:`from_data`."""
        return {
            "signals": {name: round(float(value), 4) for name, value in zip(FACET_SIGNALS, self.signals, strict=True)},
            "bias": {facet.value: round(float(value), 4) for facet, value in zip(FACETS, self.bias, strict=True)},
        }


@dataclass(frozen=True, slots=True)
class FacetGuess:
    """The facet asked for, and whether the wording really points at one (then a follow-up may keep the topic)."""

    facet: Facet
    probability: float
    worded: bool


def guess_facet(index: FacetIndex, reading: Reading, entry: Entry | None, weights: FacetWeights) -> FacetGuess:
    """The likeliest facet; ``worded`` when one of its phrases stands in the message."""
    figures = facet_figures(index, reading, entry)
    utilities = figures @ weights.signals + weights.bias
    raised = np.exp(utilities - utilities.max())
    best = int(utilities.argmax())
    return FacetGuess(FACETS[best], float(raised[best] / raised.sum()), bool(figures[best, 0] > 0))

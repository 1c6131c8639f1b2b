"""The facet: which aspect of a topic the wording asks for.

The vocabulary lists wordings for each facet, and every entry's text is written under facets; both teach which words
go with which facet (log-odds, as in naive Bayes), and so do labelled questions (:mod:`bot.answering.facetwords`).
Looked at are also phrases that stand in the message word for word, likeness to the listed wordings in letters and in
meaning, and, once the entry is known, likeness to the entry's own sentences. One conditional logit weighs them, like
in :mod:`bot.answering.matching`.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.facetwords import FACETS, FacetWords, page_features, shipped_facet_words
from bot.answering.features import FeatureSpace, learn_features
from bot.answering.numbering import numbered
from bot.answering.reading import Reader, Reading
from bot.answering.text import FUNCTION_WORDS
from bot.answering.vectors import DIMENSIONS, WordVectors, scaled
from bot.knowledge.model import MARK, Entry, Facet, Knowledge

Floats = npt.NDArray[np.float32]

FACET_SIGNALS: Final = (
    "phrase", "phrase-best", "asked-words", "written-words", "wording", "meaning", "meaning-best", "own-words",
    "own-meaning", "has-facet", "overview-bare", "overview-what-is", "overview-short", "learned", "learned-lead",
)  # fmt: skip
_OVERVIEW: Final = FACETS.index(Facet.OVERVIEW)
_SMOOTH: Final = 0.5
_SENTENCE: Final = re.compile(r"(?<=[.?!])\s+")
_WHAT_IS: Final = re.compile(
    r"\b(?:what(?:s| is| are| was)(?: (?:a|an|the|this|that|it|these|those))?|mean(?:s|ing)?|stands? for"
    r"|define|definition|explain|called|name for|word for|term for|difference between|kind of|type of"
    r"|which (?:kind|type|family|class))\b"
)


@dataclass(frozen=True, slots=True)
class Runs:
    """Which facet each of many texts belongs to, those of one facet side by side."""

    starts: npt.NDArray[np.int64]
    facets: npt.NDArray[np.int64]

    @classmethod
    def of(cls, owners: npt.NDArray[np.int64]) -> Runs:
        """The runs of equal ``owners``, one figure a text."""
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        return cls(starts, owners[starts])

    def best(self, figures: Floats) -> Floats:
        """For each facet the highest of its texts' ``figures``, and 0 at least."""
        highest = np.zeros(len(FACETS), dtype=np.float32)
        if self.starts.size:
            highest[self.facets] = np.maximum(np.maximum.reduceat(figures, self.starts), 0)
        return highest


@dataclass(frozen=True, slots=True)
class ByFacet:
    """Words, or pairs of them, with one figure for each facet: ``rows`` says in which row of ``figures`` they stand."""

    rows: Mapping[str, int]
    figures: Floats

    @classmethod
    def of(cls, figures: Mapping[str, Floats]) -> ByFacet:
        """The figures of each word in one table."""
        table = np.asarray(list(figures.values()), dtype=np.float32).reshape(-1, len(FACETS))
        return cls({word: row for row, word in enumerate(figures)}, table)

    def summed(self, words: Iterable[str]) -> tuple[Floats, int]:
        """The sum of the figures of those ``words`` that have some, and how many they are."""
        rows = [row for row in map(self.rows.get, words) if row is not None]
        return np.asarray(np.add.reduce(self.figures.take(rows, axis=0)), dtype=np.float32), len(rows)


@dataclass(frozen=True, slots=True)
class OwnText:
    """One entry's own text: words' shares by facet, sentence vectors and the facet of each sentence."""

    words: ByFacet
    vectors: Floats
    runs: Runs
    has: Floats
    """1 for each facet that the entry has."""


@dataclass(frozen=True, slots=True)
class FacetIndex:
    """Looked up for every message: listed wordings, log-odds of words, and each entry's own sentences."""

    phrases: Mapping[tuple[str, ...], int]
    starts: Mapping[str, int]
    """How long the longest phrase is that begins with a word."""
    asked: ByFacet
    written: ByFacet
    space: FeatureSpace
    runs: Runs
    matrix: Floats
    vectors: Floats
    centroids: Floats
    vector_weights: Floats
    centre: Floats
    word_vectors: WordVectors
    own: Mapping[str, OwnText]
    pages: Mapping[str, tuple[str, ...]]
    """What stands for each entry's page among the features of a message."""
    learned: FacetWords

    def vector(self, spoken: str) -> Floats:
        """The centred unit vector of a text."""
        ids = self.word_vectors.pieces_of(spoken)
        return scaled(self.word_vectors.mean(ids, self.vector_weights) - self.centre)


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9), dtype=np.float32)


def build_facets(
    knowledge: Knowledge,
    wordings: Mapping[Facet, Sequence[Reading]],
    reader: Reader,
    word_vectors: WordVectors,
    weights: Floats,
    learned: FacetWords | None = None,
) -> FacetIndex:
    """Index the wordings of the vocabulary and the facets of all entries.

    ``wordings`` are those of the vocabulary as ``reader`` reads them; ``weights`` are those of word pieces;
    ``learned`` takes the place of the weights that come with the program.
    """
    listed = [(owner, reading) for owner, facet in enumerate(FACETS) for reading in wordings.get(facet, ())]
    owners = np.fromiter((owner for owner, _ in listed), dtype=np.int64, count=len(listed))
    space, matrix = _wordings([reading for _, reading in listed])
    plain = word_vectors.means(word_vectors.spoken([reading.unnamed for _, reading in listed]), weights)
    centre = plain.mean(axis=0) if len(plain) else np.zeros(DIMENSIONS, dtype=np.float32)
    vectors = _unit(plain - centre)
    prose = _prose(knowledge.entries.values(), reader)
    phrases = {words: owner for owner, reading in listed if (words := topicless(reading.plain))}
    return FacetIndex(
        phrases=phrases,
        starts=_longest_by_start(phrases),
        asked=_odds([(owner, topicless(reading.plain)) for owner, reading in listed]),
        written=_odds([(FACETS.index(facet), reading.plain) for _, facet, reading in prose]),
        space=space,
        runs=Runs.of(owners),
        matrix=matrix,
        vectors=vectors,
        centroids=_unit(_sums(vectors, owners)),
        vector_weights=weights,
        centre=centre.astype(np.float32),
        word_vectors=word_vectors,
        own=_own_texts(prose, word_vectors, weights, centre),
        pages=_pages(knowledge),
        learned=shipped_facet_words() if learned is None else learned,
    )


def _longest_by_start(phrases: Iterable[tuple[str, ...]]) -> dict[str, int]:
    longest: dict[str, int] = {}
    for phrase in phrases:
        longest[phrase[0]] = max(longest.get(phrase[0], 0), len(phrase))
    return longest


def renewed_facets(index: FacetIndex, knowledge: Knowledge, reader: Reader, changed: Collection[str]) -> FacetIndex:
    """The same index with other words on the pages ``changed``; which words go with which facet is not learned anew."""
    entries = [knowledge.entries[key] for key in changed if key in knowledge.entries]
    anew = _own_texts(_prose(entries, reader), index.word_vectors, index.vector_weights, index.centre)
    own = {key: text for key, text in {**index.own, **anew}.items() if key in knowledge.entries}
    return replace(index, own=own, pages=_pages(knowledge))


def _pages(knowledge: Knowledge) -> dict[str, tuple[str, ...]]:
    return {entry.id: page_features(entry) for entry in knowledge.entries.values()}


def topicless(words: Sequence[str]) -> tuple[str, ...]:
    """The words of a message without the names in it: what is left asks for the facet."""
    return tuple(word for word in words if not word.startswith("@"))


def _sums(vectors: Floats, owners: npt.NDArray[np.int64]) -> Floats:
    sums = np.zeros((len(FACETS), DIMENSIONS), dtype=np.float32)
    np.add.at(sums, owners, vectors)
    return sums


def _wordings(readings: Sequence[Reading]) -> tuple[FeatureSpace, Floats]:
    """Words and pairs of the listed wordings, one column each."""
    space, rows = learn_features(numbered([topicless(reading.plain) for reading in readings]))
    return space, rows.sums(np.arange(len(readings), dtype=np.int32), len(readings), len(space)).T.copy()


def _odds(texts: Sequence[tuple[int, Sequence[str]]]) -> ByFacet:
    """For each word and pair of words the log-odds of each facet against all, smoothed."""
    counts: dict[str, Floats] = defaultdict(lambda: np.zeros(len(FACETS), dtype=np.float32))
    totals = np.zeros(len(FACETS), dtype=np.float32)
    for owner, words in texts:
        for feature in set(_grams(words)):
            counts[feature][owner] += 1
        totals[owner] += 1
    share = (totals + 1) / (totals.sum() + len(FACETS))
    return ByFacet.of({feature: _log_odds(seen, share) for feature, seen in counts.items() if seen.sum() >= 2})


def _grams(words: Sequence[str]) -> list[str]:
    content = [word for word in words if word not in FUNCTION_WORDS]
    pairs = [f"{left} {right}" for left, right in pairwise(words)]
    return [*content, *pairs]


def _log_odds(seen: Floats, share: Floats) -> Floats:
    smoothed = (seen + _SMOOTH * share * len(FACETS)) / (seen.sum() + _SMOOTH * len(FACETS))
    return np.asarray(np.log(smoothed / share), dtype=np.float32)


def _prose(entries: Iterable[Entry], reader: Reader) -> list[tuple[Entry, Facet, Reading]]:
    return [
        (entry, facet, reader.read(sentence))
        for entry in entries
        for facet, text in entry.facets.items()
        for sentence in _SENTENCE.split(MARK.sub("", text))
    ]


def _own_texts(
    prose: Sequence[tuple[Entry, Facet, Reading]], word_vectors: WordVectors, weights: Floats, centre: Floats
) -> dict[str, OwnText]:
    vectors = _unit(
        word_vectors.means(word_vectors.spoken([reading.unnamed for *_, reading in prose]), weights) - centre
    )
    places: dict[str, list[int]] = defaultdict(list)
    for place, (entry, _, _) in enumerate(prose):
        places[entry.id].append(place)
    return {entry: _own_text([prose[place] for place in rows], vectors[rows]) for entry, rows in places.items()}


def _own_text(prose: Sequence[tuple[Entry, Facet, Reading]], vectors: Floats) -> OwnText:
    counts: dict[str, Floats] = {}
    for _, facet, reading in prose:
        for word in set(topicless(reading.plain)) - FUNCTION_WORDS:
            counts.setdefault(word, np.zeros(len(FACETS), dtype=np.float32))[FACETS.index(facet)] = 1
    owners = np.asarray([FACETS.index(facet) for _, facet, _ in prose], dtype=np.int64)
    runs = Runs.of(owners)
    has = np.zeros(len(FACETS), dtype=np.float32)
    has[runs.facets] = 1
    words = ByFacet.of({word: shares / (shares.sum() ** 1.5) for word, shares in counts.items()})
    return OwnText(words, vectors, runs, has)


@dataclass(frozen=True, slots=True)
class Wording:
    """What the wording of one message says of facets, whatever page it is about: read once, weighed for each page."""

    reading: Reading
    words: tuple[str, ...]
    vector: Floats
    figures: Floats
    """Signals × facets; those that hang on the page are still zero."""


def wording_of(index: FacetIndex, reading: Reading) -> Wording:
    """The wording of one message."""
    out = np.zeros((len(FACET_SIGNALS), len(FACETS)), dtype=np.float32)
    words = topicless(reading.plain)
    _phrases(index, words, out)
    grams = set(_grams(words))
    out[2] = _added(index.asked, grams)
    out[3] = _added(index.written, grams)
    vector = index.vector(reading.unnamed)
    if index.runs.starts.size:
        numbers, weights = index.space.known(words)
        if numbers.size:
            out[4] = index.runs.best(weights @ index.matrix.take(numbers, axis=0))
        out[5] = index.centroids @ vector
        out[6] = index.runs.best(index.vectors @ vector)
    out[10, _OVERVIEW] = float(all(word in FUNCTION_WORDS for word in words))
    out[11, _OVERVIEW] = float(bool(_WHAT_IS.search(reading.words.folded)))
    out[12, _OVERVIEW] = float(len(words) <= 2)
    return Wording(reading, words, vector, out)


def facet_figures(index: FacetIndex, wording: Wording, entry: Entry | None) -> Floats:
    """Signals × facets for one message; with ``entry`` also what its own text says."""
    out = wording.figures.copy()
    if entry is not None:
        _own(index, entry, wording, out)
    learned = index.learned.scores(wording.reading, index.pages.get(entry.id, ()) if entry else ())
    out[13] = learned
    out[14] = learned - learned.max()
    return out


def _added(odds: ByFacet, grams: Collection[str]) -> Floats:
    """Summed log-odds of the words and pairs of a message, damped for long ones."""
    total, count = odds.summed(grams)
    return np.asarray(total / np.float32(math.sqrt(max(count, 1))), dtype=np.float32)


def _own(index: FacetIndex, entry: Entry, wording: Wording, out: Floats) -> None:
    own = index.own.get(entry.id)
    if own is None:
        return
    out[7], _ = own.words.summed(set(wording.words))
    out[8] = own.runs.best(own.vectors @ wording.vector)
    out[9] = own.has


def _phrases(index: FacetIndex, plain: Sequence[str], out: Floats) -> None:
    """Phrases that stand in the message: their summed and their longest length."""
    starts, phrases, end = index.starts, index.phrases, len(plain)
    for place, word in enumerate(plain):
        if word not in starts:
            continue
        for size in range(min(starts[word], end - place), 0, -1):
            facet = phrases.get(tuple(plain[place : place + size]))
            if facet is not None:
                worth = math.sqrt(size)
                out[0, facet] += worth
                out[1, facet] = max(out[1, facet], worth)
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


def guess_facet(index: FacetIndex, wording: Wording, entry: Entry | None, weights: FacetWeights) -> FacetGuess:
    """The likeliest facet; ``worded`` when one of its phrases stands in the message."""
    figures = facet_figures(index, wording, entry)
    utilities = weights.signals @ figures + weights.bias
    raised = np.exp(utilities - utilities.max())
    best = int(utilities.argmax())
    return FacetGuess(FACETS[best], float(raised[best] / raised.sum()), bool(figures[0, best] > 0))

"""Learning which words ask for a facet, and which keep to what was talked about (a part of ``nextstep tune``)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from bot.answering.facetwords import FACETS, FacetWords, facet_features
from bot.answering.features import Rows
from bot.answering.leaning import Leaning
from bot.answering.reading import Reader
from bot.answering.separating import Separators, learn_separators
from bot.answering.thinking import Mind
from bot.evaluation.rows import QuestionRow, Turn


def learn_facet_words(mind: Mind, turns: Sequence[Turn]) -> FacetWords:
    """A separator for each facet, from questions labelled by their facet (``turns`` without one are left out)."""
    told = [(turn, turn.facet) for turn in turns if turn.facet and turn.expect]
    found = [
        facet_features(mind.index.reader.read(turn.text), mind.facets.pages.get(turn.expect[0], ())) for turn, _ in told
    ]
    owners = [FACETS.index(facet) for _, facet in told]
    rows, table = _learned(found, owners, [turn.text for turn, _ in told], len(FACETS))
    weights = table.weights.astype(np.float32)
    return FacetWords(rows, weights[:-1], weights[-1])


def learn_leaning(reader: Reader, talks: Sequence[QuestionRow]) -> Leaning:
    """Which words keep to the topic, from later turns that name nothing; and which pages are asked for after which."""
    after: dict[str, Counter[str]] = defaultdict(Counter)
    texts: list[str] = []
    found: list[tuple[str, ...]] = []
    kept: list[int] = []
    for topic, turn in _later_turns(talks):
        after[topic].update(entry for entry in turn.expect if entry != topic)
        reading = reader.read(turn.text, has_topic=True)
        if not reading.covered:
            texts.append(turn.text)
            found.append(facet_features(reading))
            kept.append(topic in turn.expect)
    rows, table = _learned(found, kept, texts, 2)
    weights = table.weights[:, 1].astype(np.float32)
    words = {name: float(weights[row]) for name, row in rows.items()}
    return Leaning(words, float(weights[-1]), {topic: dict(sorted(after[topic].items())) for topic in sorted(after)})


def _later_turns(talks: Sequence[QuestionRow]) -> Iterator[tuple[str, Turn]]:
    """Each turn that follows up on something, with the entry that the turn before was about."""
    return ((one.expect[0], other) for talk in talks for one, other in pairwise(talk.turns) if one.expect)


def _learned(
    texts_words: Sequence[Sequence[str]], owners: Sequence[int], texts: Sequence[str], targets: int
) -> tuple[dict[str, int], Separators]:
    """Separators between what texts belong to, and the row of each word that more than one of them has."""
    counts = Counter(name for words in texts_words for name in words)
    rows = {name: row for row, name in enumerate(sorted(name for name, count in counts.items() if count > 1))}
    told = _rows(texts_words, rows)
    return rows, learn_separators(told, np.asarray(owners, dtype=np.int32), texts, len(rows), targets)


def _rows(texts: Sequence[Sequence[str]], numbers: Mapping[str, int]) -> Rows:
    """The features of texts that have numbers, each text's as long as one would be if all had."""
    found = [[numbers[name] for name in text if name in numbers] for text in texts]
    sizes = np.fromiter(map(len, found), dtype=np.int32, count=len(found))
    lengths = np.fromiter((len(text) ** -0.5 for text in texts), dtype=np.float32, count=len(texts))
    flat = np.fromiter((number for row in found for number in row), dtype=np.int32, count=int(sizes.sum()))
    return Rows(np.concatenate(([0], np.cumsum(sizes))).astype(np.int32), flat, np.repeat(lengths, sizes))

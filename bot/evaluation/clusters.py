"""Groups of questions that ask nearly the same, by wording, meaning and the entries that they come near to.

Two questions are alike by the mean of three figures from 0 to 1: the cosine of their word and letter features, that of
their whitened word vectors, and how far the entries that they come near to overlap (Bhattacharyya 1943). Groups grow
by average linkage (Sokal & Michener 1958): the two most alike join, until none are alike enough; the same questions
always give the same groups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.matching import rank
from bot.answering.thinking import Mind

ALIKE: Final = 0.28
"""Mean likeness from which questions are one group. On development questions of 60 topics, two to four each, 0.83 of
the pairs that it joins belong together, and it finds 0.54 of those that do."""
_MOST: Final = 400


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions of one group, by their places in what was given; the most typical first. ``nearest`` is the entry that
    the group as a whole comes nearest to, ``likely`` how probable that is (0 to 1, before calibration)."""

    members: tuple[int, ...]
    nearest: str
    likely: float


def clusters(mind: Mind, texts: Sequence[str], alike: float = ALIKE) -> tuple[Cluster, ...]:
    """The groups, largest first. Only the first 400 questions are looked at."""
    texts = texts[:_MOST]
    if not texts:
        return ()
    nearest = [_nearest(mind, text) for text in texts]
    likeness = _likeness(mind, texts, nearest)
    found = [_cluster(nearest, likeness, members) for members in _groups(likeness, alike)]
    return tuple(sorted(found, key=lambda one: (-len(one.members), one.members)))


def nearest_entries(mind: Mind, texts: Sequence[str], most: int = 25) -> tuple[str, ...]:
    """The entries that some questions as a whole come nearest to, the likeliest first."""
    votes: dict[str, float] = {}
    for text in texts:
        for entry, share in _nearest(mind, text).items():
            votes[entry] = votes.get(entry, 0.0) + share
    return tuple(sorted(votes, key=lambda entry: (-votes[entry], entry))[:most])


def _nearest(mind: Mind, text: str) -> Mapping[str, float]:
    """The entries that a question comes near to, with their probabilities before calibration."""
    ranking = rank(mind.index, mind.index.reader.read(text), mind.weights)
    entries = mind.knowledge.entries
    return {one.entry: one.confidence for one in ranking.candidates if one.entry in entries}


def _likeness(mind: Mind, texts: Sequence[str], nearest: Sequence[Mapping[str, float]]) -> npt.NDArray[np.float64]:
    index = mind.index
    readings = [index.reader.read(text) for text in texts]
    wording = np.zeros((len(texts), len(index.space)), dtype=np.float32)
    for row, reading in enumerate(readings):
        numbers, weights = index.space.known(reading.plain)
        wording[row, numbers] = weights
    meaning = np.stack([index.vector(reading.spoken) for reading in readings])
    near = np.zeros((len(texts), len(index.targets)), dtype=np.float32)
    for row, shares in enumerate(nearest):
        for entry, share in shares.items():
            near[row, index.numbers[entry]] = np.sqrt(share)
    parts = (wording @ wording.T, np.clip(meaning @ meaning.T, 0, 1), near @ near.T)
    return np.asarray(sum(parts) / len(parts), dtype=np.float64)


def _groups(likeness: npt.NDArray[np.float64], alike: float) -> list[list[int]]:
    """Join the two most alike groups until none are alike enough."""
    groups: dict[int, list[int]] = {place: [place] for place in range(len(likeness))}
    between = likeness.copy()
    np.fill_diagonal(between, -1.0)
    while len(groups) > 1:
        flat = int(np.argmax(between))
        a, b = divmod(flat, len(between))
        if between[a, b] < alike:
            break
        small, large = len(groups[b]), len(groups[a])
        joined = (between[a] * large + between[b] * small) / (large + small)
        between[a], between[:, a] = joined, joined
        between[a, a] = -1.0
        between[b], between[:, b] = -1.0, -1.0
        groups[a] += groups.pop(b)
        gone = [place for place in range(len(between)) if place not in groups]
        between[a, gone] = between[gone, a] = -1.0
    return [sorted(members) for members in groups.values()]


def _cluster(nearest: Sequence[Mapping[str, float]], likeness: npt.NDArray[np.float64], members: list[int]) -> Cluster:
    inner = likeness[np.ix_(members, members)].sum(axis=1)
    ordered = tuple(members[place] for place in np.argsort(-inner, kind="stable"))
    votes: dict[str, float] = {}
    for member in members:
        for entry, share in nearest[member].items():
            votes[entry] = votes.get(entry, 0.0) + share / len(members)
    best = max(votes, key=lambda entry: (votes[entry], entry), default="")
    return Cluster(ordered, best, votes.get(best, 0.0))

"""Groups of questions that ask nearly the same, by wording and meaning as the index measures them.

Two questions are alike by the mean of the cosine of their word and letter features and that of their whitened word
vectors. Groups grow by average linkage (Sokal & Michener 1958): a question joins the group that it is most like on
average, when that is enough; the same order always gives the same groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.matching import rank
from bot.answering.thinking import Mind

ALIKE: Final = 0.32
"""Mean likeness from which questions are one group; chosen on stored asks, see ``tests/evaluation``."""
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
    likeness = _likeness(mind, texts)
    found = [_cluster(mind, texts, likeness, members) for members in _groups(likeness, alike)]
    return tuple(sorted(found, key=lambda one: (-len(one.members), one.members)))


def _likeness(mind: Mind, texts: Sequence[str]) -> npt.NDArray[np.float64]:
    index = mind.index
    readings = [index.reader.read(text) for text in texts]
    wording = np.zeros((len(texts), len(index.space)), dtype=np.float32)
    for row, reading in enumerate(readings):
        numbers, weights = index.space.known(reading.plain)
        wording[row, numbers] = weights
    meaning = np.stack([index.vector(reading.spoken) for reading in readings])
    return np.asarray((wording @ wording.T + np.clip(meaning @ meaning.T, 0, 1)) / 2, dtype=np.float64)


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


def _cluster(mind: Mind, texts: Sequence[str], likeness: npt.NDArray[np.float64], members: list[int]) -> Cluster:
    inner = likeness[np.ix_(members, members)].sum(axis=1)
    ordered = tuple(members[place] for place in np.argsort(-inner, kind="stable"))
    votes: dict[str, float] = {}
    for member in members:
        ranking = rank(mind.index, mind.index.reader.read(texts[member]), mind.weights)
        for candidate in ranking.candidates[:4]:
            if candidate.entry in mind.knowledge.entries:
                votes[candidate.entry] = votes.get(candidate.entry, 0.0) + candidate.confidence / len(members)
    nearest = max(votes, key=lambda entry: (votes[entry], entry), default="")
    return Cluster(ordered, nearest, votes.get(nearest, 0.0))

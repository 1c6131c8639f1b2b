"""The index: everything that matching looks up, computed once from the knowledge and then only read.

It is made from phrasings, see :mod:`bot.answering.phrasings`: a separator for each target, see
:mod:`bot.answering.separating`; the mean of its phrasings' word vectors (nearest-centroid classification, Rocchio
1971), centred and whitened within targets (linear discriminant analysis, Fisher 1936) so that what all questions
share counts for little; for each name how reliably it points at each target; and which frames of messages are for no
page at all, see :mod:`bot.answering.framing`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict

import numpy as np
import numpy.typing as npt

from bot.answering.features import FeatureSpace, Rows, learn_features
from bot.answering.framing import Frames, learn_frames
from bot.answering.names import NameIndex
from bot.answering.numbering import Texts, numbered, summed
from bot.answering.phrasings import (
    OUTSIDE,
    REDIRECT,
    TALK,
    Collected,
    Phrasing,
    collect,
    entry_names,
    is_medicine,
    sort_of,
)
from bot.answering.reading import Reader, Reading
from bot.answering.separating import Separators, learn_separators
from bot.answering.text import FUNCTION_WORDS, bare
from bot.answering.vectors import DIMENSIONS, WordVectors, scaled
from bot.knowledge.model import Facet, Kind, Knowledge

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

NAME_PRIOR: Final = 2.0
"""How often a name counts for its own page before anybody uses it."""
_LEAST_VERBATIM: Final = 4
_SHRINK: Final = 0.3
_MOST_OWNED: Final = 0.38
_AT_ONCE: Final = 4096


@dataclass(frozen=True, slots=True)
class Phrasings:
    """All stored phrasings, grouped by target: rows ``starts[t]`` to ``starts[t + 1]`` belong to target ``t``."""

    starts: Ints
    owners: Ints
    labels: tuple[str, ...]
    rows: Rows


@dataclass(frozen=True, slots=True)
class Index:
    """What matching looks up. ``targets`` are entry ids, then ``redirect:…``, then ``talk:…``, then ``outside:``."""

    knowledge: Knowledge
    names: NameIndex
    reader: Reader
    space: FeatureSpace
    word_vectors: WordVectors
    piece_weights: Floats
    centre: Floats
    whiten: Floats
    targets: tuple[str, ...]
    numbers: Mapping[str, int]
    kinds: tuple[Kind | None, ...]
    verbatim: Mapping[str, int]
    """Stored phrasings word for word, where they belong to one target alone."""
    families: Mapping[int, Ints]
    related: Mapping[int, Ints]
    """For each entry's number, the numbers of the entries that it points at."""
    phrasings: Phrasings
    separators: Separators
    frames: Frames
    vector_centroids: Floats
    vector_lengths: Floats
    """How long each target's summed vectors are, of which the centroids give the direction."""
    facet_words: frozenset[str]
    name_shares: Mapping[str, Mapping[int, float]]
    name_totals: Mapping[str, float]
    """How often each name was counted in all, for its shares."""
    medicines: Floats
    kind_masks: Mapping[Kind, Floats]
    facet_masks: Mapping[Facet, Floats]
    """For each facet, 1 for each target that has it."""
    redirect_mask: Floats
    talk_mask: Floats
    outside_mask: Floats
    no_page: Floats
    """1 for each target that is no page."""

    def vector(self, spoken: str) -> Floats:
        """The whitened unit vector of a text."""
        ids = self.word_vectors.pieces_of(spoken)
        return scaled((self.word_vectors.mean(ids, self.piece_weights) - self.centre) @ self.whiten)

    def vectors(self, spoken: Sequence[str]) -> Floats:
        """The whitened unit vectors of many texts, one row each."""
        means = self.word_vectors.means(self.word_vectors.spoken(spoken), self.piece_weights)
        return unit((means - self.centre) @ self.whiten)

    def likeness(self, readings: Sequence[Reading], vectors: Floats) -> Floats:
        """How like each message is to each target, by separators and by meaning (their ``vectors``): where its answer
        is looked for."""
        separated = [self.separators.scores(*self.space.known(reading.plain)) for reading in readings]
        return np.asarray(2 * np.stack(separated) + vectors @ self.vector_centroids.T, dtype=np.float32)


def unit(rows: npt.NDArray[np.floating[Any]]) -> Floats:
    """Rows scaled to length one."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9), dtype=np.float32)


def build_index(knowledge: Knowledge) -> Index:
    """Compute the index of ``knowledge``; deterministic."""
    return index_of(collect(knowledge))


def index_of(collected: Collected) -> Index:
    """The index of a knowledge whose phrasings were read already."""
    return _index(collected, collected.phrasings)


def held_out(knowledge: Knowledge, parts: int = 5) -> Iterator[tuple[Index, tuple[Phrasing, ...]]]:
    """``parts`` indexes, each built without its share of the asks, with those: how unseen questions would fare.

    The asks of one target are dealt out in turn, so that each index lacks as many of everyone's.
    """
    collected = collect(knowledge)
    places: Counter[int] = Counter()
    dealt: list[int] = []
    for one in collected.phrasings:
        dealt.append(places[one.owner] % parts if one.ask else -1)
        places[one.owner] += one.ask
    for part in range(parts):
        kept = tuple(one for one, share in zip(collected.phrasings, dealt, strict=True) if share != part)
        left = tuple(one for one, share in zip(collected.phrasings, dealt, strict=True) if share == part)
        yield _index(collected, kept), left


class Pages(TypedDict):
    """The parts of an index that come from the pages alone."""

    knowledge: Knowledge
    targets: tuple[str, ...]
    numbers: Mapping[str, int]
    kinds: tuple[Kind | None, ...]
    families: Mapping[int, Ints]
    related: Mapping[int, Ints]
    medicines: Floats
    kind_masks: Mapping[Kind, Floats]
    facet_masks: Mapping[Facet, Floats]
    redirect_mask: Floats
    talk_mask: Floats
    outside_mask: Floats
    no_page: Floats


def pages_of(knowledge: Knowledge, targets: tuple[str, ...]) -> Pages:
    """What the pages of ``targets`` are."""
    numbers = {target: number for number, target in enumerate(targets)}
    entries = [knowledge.entries.get(target) for target in targets]
    return Pages(
        knowledge=knowledge,
        targets=targets,
        numbers=numbers,
        kinds=tuple(entry.kind if entry else None for entry in entries),
        families=_families(knowledge, numbers),
        related=_related(knowledge, numbers),
        medicines=_mask(entry is not None and is_medicine(entry) for entry in entries),
        kind_masks={kind: _mask(entry is not None and entry.kind is kind for entry in entries) for kind in Kind},
        facet_masks={facet: _mask(entry is not None and facet in entry.facets for entry in entries) for facet in Facet},
        redirect_mask=_mask(target.startswith(REDIRECT) for target in targets),
        talk_mask=_mask(target.startswith(TALK) for target in targets),
        outside_mask=_mask(target == OUTSIDE for target in targets),
        no_page=_mask(entry is None for entry in entries),
    )


def _index(collected: Collected, said: Sequence[Phrasing]) -> Index:
    knowledge, targets = collected.knowledge, collected.targets
    pages = pages_of(knowledge, targets)
    owners = np.fromiter((one.owner for one in said), dtype=np.int32, count=len(said))
    texts = numbered([one.reading.plain for one in said])
    space, rows = learn_features(texts)
    meaning = _meaning(collected.vectors, [one.reading.spoken for one in said], owners, len(targets))
    sizes = np.bincount(owners, minlength=len(targets))
    shares, totals = _name_shares(knowledge, said, pages["numbers"])
    return Index(
        **pages,
        names=collected.names,
        reader=collected.reader,
        space=space,
        word_vectors=collected.vectors,
        piece_weights=meaning.weights,
        centre=meaning.centre,
        whiten=meaning.whiten,
        verbatim=_verbatim(said, targets),
        phrasings=Phrasings(
            starts=np.concatenate(([0], np.cumsum(sizes))).astype(np.int32),
            owners=owners,
            labels=tuple(one.label for one in said),
            rows=rows,
        ),
        separators=learn_separators(rows, owners, [one.text for one in said], len(space), len(targets)),
        frames=_frames(collected, said, texts),
        facet_words=_facet_words(collected.wordings, space, rows, owners),
        vector_centroids=unit(meaning.sums),
        vector_lengths=np.linalg.norm(meaning.sums, axis=1),
        name_shares=shares,
        name_totals=totals,
    )


def marks_of(knowledge: Knowledge) -> dict[str, str]:
    """What stands for each entry's name in the frames of messages: its sort."""
    return {key: f"@{sort_of(entry)}" for key, entry in knowledge.entries.items()}


def _frames(collected: Collected, said: Sequence[Phrasing], plain: Texts) -> Frames:
    knowledge = collected.knowledge
    elsewhere = [collected.targets[one.owner] not in knowledge.entries for one in said]
    return learn_frames(plain, elsewhere, [one.text for one in said], marks_of(knowledge))


@dataclass(frozen=True, slots=True)
class _Meaning:
    weights: Floats
    centre: Floats
    whiten: Floats
    sums: Floats


def _meaning(vectors: WordVectors, spoken: Sequence[str], owners: Ints, targets: int) -> _Meaning:
    """Weights of word pieces, centre and whitening matrix of the phrasings' vectors, and each target's sum."""
    texts = vectors.spoken(spoken)
    weights = vectors.rarity(texts)
    plain = vectors.means(texts, weights)
    centre = plain.mean(axis=0) if len(plain) else np.zeros(DIMENSIONS, dtype=np.float32)
    plain -= centre
    whiten = _whitening(plain, owners, targets)
    sums = np.zeros((targets, DIMENSIONS), dtype=np.float32)
    for part in _parts(len(plain)):
        sums += summed(unit(plain[part] @ whiten), owners[part], targets)
    return _Meaning(weights, centre.astype(np.float32), whiten, sums)


def _parts(count: int) -> Iterator[slice]:
    """Slices of many rows, so that what is computed of them never lies in memory at once."""
    return (slice(start, start + _AT_ONCE) for start in range(0, count, _AT_ONCE))


def _families(knowledge: Knowledge, numbers: Mapping[str, int]) -> dict[int, Ints]:
    """For each entry's number, the numbers of its family (itself left out)."""
    kin: dict[int, set[int]] = defaultdict(set)
    for family in knowledge.families:
        members = [numbers[entry] for entry in family if entry in numbers]
        for member in members:
            kin[member] |= set(members) - {member}
    return {member: np.asarray(sorted(others), dtype=np.int32) for member, others in kin.items()}


def _related(knowledge: Knowledge, numbers: Mapping[str, int]) -> dict[int, Ints]:
    """For each entry's number, the numbers of those that it points at."""
    return {
        numbers[key]: np.asarray([numbers[one] for one in entry.related if one in numbers], dtype=np.int32)
        for key, entry in knowledge.entries.items()
        if key in numbers
    }


def _whitening(centred: Floats, owners: Ints, targets: int) -> Floats:
    """The matrix that makes the spread within targets equal in all directions, shrunk towards the mean spread."""
    if len(centred) <= DIMENSIONS // 4:
        return np.eye(DIMENSIONS, dtype=np.float32)
    sizes = np.maximum(np.bincount(owners, minlength=targets), 1)
    means = np.asarray(summed(centred, owners, targets) / sizes[:, None], dtype=np.float32)
    spread: Floats = np.zeros((DIMENSIONS, DIMENSIONS), dtype=np.float32)
    for part in _parts(len(centred)):
        inner = centred[part] - means[owners[part]]
        spread += inner.T @ inner
    spread /= len(centred)
    spread = (1 - _SHRINK) * spread + _SHRINK * np.eye(DIMENSIONS) * np.trace(spread) / DIMENSIONS
    values, directions = np.linalg.eigh(spread)
    return np.asarray(directions @ np.diag(values**-0.5), dtype=np.float32)


def _facet_words(
    wordings: Mapping[Facet, Sequence[Reading]], space: FeatureSpace, rows: Rows, owners: Ints
) -> frozenset[str]:
    """Words that ask for a facet rather than name a topic, with the commonest function words.

    They stand in several wordings of facets, and no single page owns them (``alcohol`` and ``pregnant`` have pages).
    """
    counts = Counter(word for readings in wordings.values() for reading in readings for word in set(reading.plain))
    often = {word: space.number(word) for word, count in counts.items() if count >= 2}
    owned = _owned([number for number in often.values() if number is not None], rows, owners)
    return FUNCTION_WORDS | frozenset(
        word for word, number in often.items() if number is None or owned[number] <= _MOST_OWNED
    )


def _owned(numbers: Sequence[int], rows: Rows, owners: Ints) -> dict[int, float]:
    """For each feature the largest share of its weight that one target has; targets count by their mean phrasing."""
    if not numbers or not len(rows):
        return dict.fromkeys(numbers, 0.0)
    lengths = np.maximum(np.sqrt(np.bincount(owners).astype(np.float32)), 1)
    wanted = np.full(max(int(rows.features.max(initial=0)), *numbers) + 1, -1, dtype=np.int64)
    wanted[list(numbers)] = np.arange(len(numbers))
    found = wanted.take(rows.features)
    held = found >= 0
    cells = found[held] * len(lengths) + np.repeat(owners, np.diff(rows.starts))[held]
    weights = np.bincount(cells, rows.weights[held], minlength=len(numbers) * len(lengths))
    shares = weights.reshape(len(numbers), -1) / lengths
    most = shares.max(axis=1) / np.maximum(shares.sum(axis=1), 1e-9)
    return dict(zip(numbers, most.tolist(), strict=True))


def _verbatim(said: Sequence[Phrasing], targets: Sequence[str]) -> dict[str, int]:
    owners: dict[str, set[int]] = defaultdict(set)
    for one in said:
        words = verbatim_words(one.reading.words.words, targets[one.owner])
        if words:
            owners[words].add(one.owner)
    return {words: next(iter(found)) for words, found in owners.items() if len(found) == 1}


def verbatim_words(words: tuple[str, ...], target: str) -> str:
    """The words by which a phrasing of ``target`` is known word for word; none where there are too few."""
    without_fillers = bare(words)
    if len(without_fillers) >= _LEAST_VERBATIM:
        return " ".join(without_fillers)
    return " ".join(words) if target.startswith(TALK) else ""


def _mask(flags: Iterable[bool]) -> Floats:
    return np.fromiter(flags, dtype=np.float32)


def _name_shares(
    knowledge: Knowledge, said: Sequence[Phrasing], numbers: Mapping[str, int]
) -> tuple[dict[str, dict[int, float]], dict[str, float]]:
    """How often a name, when it occurs in a stored phrasing, occurs in each target's; and how often it occurs."""
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for one in said:
        for alias in {hit.alias for hit in one.reading.covered}:
            counts[alias][one.owner] += 1
    shares: dict[str, dict[int, float]] = {}
    totals: dict[str, float] = {}
    for name in entry_names(knowledge):
        if name.foreign:
            continue
        tally: dict[int, float] = dict(counts.get(name.text, {}))
        for entry in name.entries:
            tally[numbers[entry]] = tally.get(numbers[entry], 0.0) + NAME_PRIOR
        totals[name.text] = sum(tally.values())
        shares[name.text] = {number: count / totals[name.text] for number, count in tally.items()}
    return shares, totals

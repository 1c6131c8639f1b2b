"""The index: everything that matching looks up, computed once from the knowledge and then only read.

Everything an answer can be is a *target*: an entry, a redirect, or a sort of small talk. Each target has
phrasings (its asks, title and aliases). The index holds a separator for each target, see
:mod:`bot.answering.separating`; the mean of its phrasings' word vectors (nearest-centroid classification, Rocchio
1971), centred and whitened within targets (linear discriminant analysis, Fisher 1936) so that what all questions
share counts for little; and for each name how reliably it points at each target.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bot.answering.features import FeatureSpace
from bot.answering.names import Name, NameIndex, name_words
from bot.answering.reading import Reader, Reading
from bot.answering.separating import Separators, learn_separators
from bot.answering.spelling import Speller
from bot.answering.text import FUNCTION_WORDS, bare, singular, words_of
from bot.answering.vectors import DIMENSIONS, WordVectors
from bot.knowledge.model import MARK, Entry, Facet, Kind, Knowledge

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

Scaled = tuple[Ints, Floats]

REDIRECT: Final = "redirect:"
TALK: Final = "talk:"
_NAME_PRIOR: Final = 2.0
_LEAST_VERBATIM: Final = 4
_SHRINK: Final = 0.3
_MOST_OWNED: Final = 0.38


@dataclass(frozen=True, slots=True)
class Phrasings:
    """All stored phrasings, grouped by target: rows ``starts[t]`` to ``starts[t + 1]`` belong to target ``t``."""

    starts: Ints
    owners: Ints
    labels: tuple[str, ...]
    row_starts: Ints
    features: Ints
    weights: Floats


@dataclass(frozen=True, slots=True)
class Index:
    """What matching looks up. ``targets`` are entry ids, then ``redirect:…``, then ``talk:…``."""

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
    verbatim: Mapping[tuple[str, ...], int]
    """Stored phrasings word for word, where they belong to one target alone."""
    families: Mapping[int, Ints]
    phrasings: Phrasings
    separators: Separators
    vector_centroids: Floats
    vector_lengths: Floats
    """Length of each target's summed phrasing vectors."""
    facet_words: frozenset[str]
    name_shares: Mapping[str, Mapping[int, float]]
    medicines: Floats
    kind_masks: Mapping[Kind, Floats]
    redirect_mask: Floats
    talk_mask: Floats

    @property
    def medicine_names(self) -> frozenset[str]:
        """The entries that are about one medicine."""
        return frozenset(self.targets[number] for number in np.flatnonzero(self.medicines))

    def vector(self, spoken: str) -> Floats:
        """The whitened unit vector of a text."""
        (ids,) = self.word_vectors.pieces([spoken])
        return _unit((self.word_vectors.mean(ids, self.piece_weights) - self.centre) @ self.whiten)

    def vectors(self, spoken: Sequence[str]) -> Floats:
        """The whitened unit vectors of many texts, one row each."""
        means = self.word_vectors.means(self.word_vectors.pieces(spoken), self.piece_weights)
        return _unit((means - self.centre) @ self.whiten)


def _unit(rows: npt.NDArray[np.floating[Any]]) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9), dtype=np.float32)


def entry_names(knowledge: Knowledge) -> list[Name]:
    """Every covered name (titles of definitions, ids, aliases, ambiguous names) and every foreign one."""
    names: list[Name] = []
    for entry in knowledge.entries.values():
        own = [*entry.aliases, *([entry.title, entry.id.replace("-", " ")] if entry.kind is not Kind.FAQ else [])]
        names += [Name(words, (entry.id,)) for words in dict.fromkeys(map(name_words, own)) if words]
    for text, entries in knowledge.vocabulary.ambiguous.items():
        names += [Name(name_words(text), (entry,)) for entry in entries if entry in knowledge.entries]
    for foreign in knowledge.look_alikes.known_not_covered:
        near = (foreign.nearest,) if foreign.nearest in knowledge.entries else ()
        names += [
            Name(name_words(text), tuple(filter(None, near)), foreign=True)
            for text in (foreign.name, *foreign.aka)
            if name_words(text)
        ]
    return names


def is_medicine(entry: Entry) -> bool:
    """Whether an entry is about one medicine: a definition that says how it is stopped or what it interacts with."""
    return (
        entry.kind is Kind.DEFINITION
        and bool({Facet.STOPPING, Facet.INTERACTIONS} & set(entry.facets))
        and Facet.SIDE_EFFECTS in entry.facets
    )


def _groups(knowledge: Knowledge) -> dict[str, str]:
    """Which feature stands for the sort of thing an entry is."""
    return {entry.id: "medicine" for entry in knowledge.entries.values() if is_medicine(entry)}


def _targets(knowledge: Knowledge) -> dict[str, tuple[str, ...]]:
    """Each target's phrasings, in a fixed order: asks first. A name that only asks for a facet is no phrasing."""
    facet_names = _facet_names(knowledge)
    targets = {
        entry.id: (
            *entry.asks,
            *(name for name in (entry.title, *entry.aliases) if " ".join(name_words(name)) not in facet_names),
        )
        for entry in knowledge.entries.values()
    }
    targets |= {REDIRECT + redirect.id: redirect.asks for redirect in knowledge.redirects.values()}
    targets |= {TALK + talk.id: talk.asks for talk in knowledge.vocabulary.small_talk}
    return targets


def _word_counts(knowledge: Knowledge) -> dict[str, int]:
    """In how many stored phrasings and facets each word occurs."""
    counts: dict[str, int] = defaultdict(int)
    vocabulary = knowledge.vocabulary
    texts = [text for entry in knowledge.entries.values() for text in (*entry.asks, *entry.facets.values())]
    texts += [text for redirect in knowledge.redirects.values() for text in redirect.asks]
    texts += [text for talk in vocabulary.small_talk for text in talk.asks]
    texts += [text for phrases in (*vocabulary.facets.values(), *vocabulary.synonyms.values()) for text in phrases]
    for text in texts:
        for word in set(words_of(MARK.sub("", text)).words):
            counts[word] += 1
    return counts


def _ordinary(knowledge: Knowledge, counts: Mapping[str, int], vectors: WordVectors) -> frozenset[str]:
    """Words that are never taken for a misspelt name: common ones, and those that the knowledge itself uses often."""
    often = {form for word, count in counts.items() if count >= 2 for form in (word, singular(word))}
    return vectors.common_words | often | frozenset(knowledge.vocabulary.ordinary)


def _facet_names(knowledge: Knowledge) -> frozenset[str]:
    """Aliases that are also wordings of a facet, as names are compared."""
    return frozenset(" ".join(name_words(text)) for texts in knowledge.vocabulary.facets.values() for text in texts)


class _Builder:
    """Collects phrasings and turns them into matrices."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.vectors = WordVectors()
        counts = _word_counts(knowledge)
        everyday = frozenset(knowledge.vocabulary.ordinary)
        self.names = NameIndex(entry_names(knowledge), _ordinary(knowledge, counts, self.vectors), everyday)
        titles = {entry.id: entry.title.lower() for entry in knowledge.entries.values()}
        self.reader = Reader(
            self.names,
            knowledge.vocabulary.synonyms,
            titles,
            _groups(knowledge),
            Speller(counts, self.vectors.common_words),
            _facet_names(knowledge),
        )
        self.targets = _targets(knowledge)
        self.numbers = {target: number for number, target in enumerate(self.targets)}
        self.readings = [self.reader.read(text) for texts in self.targets.values() for text in texts]
        sizes = [len(texts) for texts in self.targets.values()]
        self.starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
        self.owners = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)

    def phrasing_vectors(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Whitened phrasing vectors, piece weights, centre and whitening matrix."""
        pieces = self.vectors.pieces([reading.spoken for reading in self.readings])
        weights = self.vectors.rarity(pieces)
        plain = self.vectors.means(pieces, weights)
        centre = plain.mean(axis=0) if len(plain) else np.zeros(DIMENSIONS, dtype=np.float32)
        whiten = _whitening(plain - centre, self.owners, len(self.targets))
        return _unit((plain - centre) @ whiten), weights, centre.astype(np.float32), whiten

    def families(self) -> dict[int, Ints]:
        """For each entry's number, the numbers of its family (itself left out)."""
        kin: dict[int, set[int]] = defaultdict(set)
        for family in self.knowledge.families:
            members = [self.numbers[entry] for entry in family if entry in self.numbers]
            for member in members:
                kin[member] |= set(members) - {member}
        return {member: np.asarray(sorted(others), dtype=np.int32) for member, others in kin.items()}

    def name_shares(self) -> dict[str, dict[int, float]]:
        """How often a name, when it occurs in a stored phrasing, occurs in each target's."""
        counts: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        for reading, owner in zip(self.readings, self.owners.tolist(), strict=True):
            for alias in {hit.alias for hit in reading.covered}:
                counts[alias][owner] += 1.0
        return {alias: dict(shares) for alias, shares in counts.items()}


def _whitening(centred: Floats, owners: Ints, targets: int) -> Floats:
    """The matrix that makes the spread within targets equal in all directions, shrunk towards the mean spread."""
    if len(centred) <= DIMENSIONS // 4:
        return np.eye(DIMENSIONS, dtype=np.float32)
    sizes = np.maximum(np.bincount(owners, minlength=targets), 1)
    means = np.zeros((targets, DIMENSIONS), dtype=np.float32)
    np.add.at(means, owners, centred)
    inner = centred - (means / sizes[:, None])[owners]
    spread = inner.T @ inner / len(inner)
    spread = (1 - _SHRINK) * spread + _SHRINK * np.eye(DIMENSIONS) * np.trace(spread) / DIMENSIONS
    values, directions = np.linalg.eigh(spread)
    return np.asarray(directions @ np.diag(values**-0.5), dtype=np.float32)


def build_index(knowledge: Knowledge) -> Index:
    """Compute the index of ``knowledge``; deterministic, some 60 µs a phrasing."""
    builder = _Builder(knowledge)
    space = FeatureSpace()
    counted = [space.grow(reading.plain) for reading in builder.readings]
    renumbered = space.settle(counted)
    counted = [_renumber(counts, renumbered) for counts in counted]
    vectors, weights, centre, whiten = builder.phrasing_vectors()
    scaled = [space.scaled(counts) for counts in counted]
    phrasings = _phrasings(builder, space, scaled)
    targets = tuple(builder.targets)
    vector_sums = _vector_sums(vectors, builder.owners, len(targets))
    entries = [knowledge.entries.get(target) for target in targets]
    return Index(
        knowledge=knowledge,
        names=builder.names,
        reader=builder.reader,
        space=space,
        word_vectors=builder.vectors,
        piece_weights=weights,
        centre=centre,
        whiten=whiten,
        targets=targets,
        numbers=builder.numbers,
        kinds=tuple(entry.kind if entry else None for entry in entries),
        verbatim=_verbatim(builder),
        families=builder.families(),
        phrasings=phrasings,
        separators=learn_separators(scaled, builder.owners, len(space), len(targets)),
        facet_words=_facet_words(knowledge, builder.reader, space, phrasings, len(targets)),
        vector_centroids=_unit(vector_sums),
        vector_lengths=np.linalg.norm(vector_sums, axis=1).astype(np.float32),
        name_shares=_shares(builder),
        medicines=_mask(entry is not None and is_medicine(entry) for entry in entries),
        kind_masks={kind: _mask(entry is not None and entry.kind is kind for entry in entries) for kind in Kind},
        redirect_mask=_mask(target.startswith(REDIRECT) for target in targets),
        talk_mask=_mask(target.startswith(TALK) for target in targets),
    )


def _facet_words(
    knowledge: Knowledge, reader: Reader, space: FeatureSpace, phrasings: Phrasings, targets: int
) -> frozenset[str]:
    """Words that ask for a facet rather than name a topic, with the commonest function words.

    They stand in several wordings of facets, and no single page owns them (``alcohol`` and ``pregnant`` have pages).
    """
    counts = Counter(
        word
        for texts in knowledge.vocabulary.facets.values()
        for text in texts
        for word in set(reader.read(text).plain)
    )
    numbers = space.whole_words()
    often = {word: numbers.get(word) for word, count in counts.items() if count >= 2}
    owned = _owned([number for number in often.values() if number is not None], phrasings, targets)
    return FUNCTION_WORDS | frozenset(
        word for word, number in often.items() if number is None or owned[number] <= _MOST_OWNED
    )


def _owned(numbers: Sequence[int], phrasings: Phrasings, targets: int) -> dict[int, float]:
    """For each feature the largest share of its weight that one target has; targets count by their mean phrasing."""
    owners = np.repeat(phrasings.owners, np.diff(phrasings.row_starts))
    lengths = np.sqrt(np.bincount(phrasings.owners, minlength=targets).astype(np.float32))
    shares: dict[int, float] = {}
    for number in numbers:
        rows = phrasings.features == number
        weight = np.bincount(owners[rows], phrasings.weights[rows], minlength=targets) / np.maximum(lengths, 1)
        shares[number] = float(weight.max() / weight.sum()) if weight.any() else 0.0
    return shares


def _verbatim(builder: _Builder) -> dict[tuple[str, ...], int]:
    owners: dict[tuple[str, ...], set[int]] = defaultdict(set)
    targets = list(builder.targets)
    for reading, owner in zip(builder.readings, builder.owners.tolist(), strict=True):
        words = bare(reading.words.words)
        if len(words) >= _LEAST_VERBATIM:
            owners[words].add(owner)
        elif targets[owner].startswith(TALK):
            owners[reading.words.words].add(owner)
    return {words: next(iter(found)) for words, found in owners.items() if len(found) == 1}


def _renumber(counts: Mapping[int, float], renumbered: npt.NDArray[np.int32]) -> dict[int, float]:
    return {new: count for old, count in counts.items() if (new := int(renumbered[old])) >= 0}


def _mask(flags: Iterable[bool]) -> Floats:
    return np.fromiter(flags, dtype=np.float32)


def _shares(builder: _Builder) -> dict[str, dict[int, float]]:
    counts = builder.name_shares()
    shares: dict[str, dict[int, float]] = {}
    for name in entry_names(builder.knowledge):
        if name.foreign:
            continue
        tally = dict(counts.get(name.text, {}))
        for entry in name.entries:
            number = builder.numbers[entry]
            tally[number] = tally.get(number, 0.0) + _NAME_PRIOR
        total = sum(tally.values())
        shares[name.text] = {number: count / total for number, count in tally.items()}
    return shares


def _phrasings(builder: _Builder, space: FeatureSpace, scaled: Sequence[Scaled]) -> Phrasings:
    """All phrasings, by whole words and pairs only: letter pieces count for targets as a whole, not one by one."""
    whole = np.asarray(space.without_pieces(), dtype=np.bool_)
    kept = [(numbers[whole[numbers]], weights[whole[numbers]]) for numbers, weights in scaled]
    labels = tuple(
        f"{target}#{number}" for target, texts in builder.targets.items() for number in range(1, len(texts) + 1)
    )
    lengths = np.fromiter((len(numbers) for numbers, _ in kept), dtype=np.int64, count=len(kept))
    return Phrasings(
        starts=builder.starts,
        owners=builder.owners,
        labels=labels,
        row_starts=np.concatenate(([0], np.cumsum(lengths))).astype(np.int32),
        features=np.concatenate([numbers for numbers, _ in kept]) if kept else np.zeros(0, dtype=np.int32),
        weights=np.concatenate([weights for _, weights in kept]) if kept else np.zeros(0, dtype=np.float32),
    )


def _vector_sums(vectors: Floats, owners: Ints, targets: int) -> Floats:
    sums = np.zeros((targets, DIMENSIONS), dtype=np.float32)
    np.add.at(sums, owners, vectors)
    return sums


def read(index: Index, text: str) -> Reading:
    """Read ``text`` with the names and vocabulary of ``index``."""
    return index.reader.read(text)

"""What a draft's index will be like, in a moment: derived from the one that is served, for previews and never to serve.

A full build reads tens of thousands of phrasings, of which a draft changes a few. Here only those are read
(:mod:`bot.answering.beside`), and features, sums of word vectors, shares of names and separators are corrected for
them. What they hardly touch stays as it is: weights of word pieces, whitening, words that ask for facets, what frames
of messages say. So a preview tells nearly, not exactly, what will be answered. Where a draft changes more than a
little, or what is no page, nothing is derived.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from bot.answering.beside import Change, Said, changed_pages, laid_beside
from bot.answering.facets import renewed_facets
from bot.answering.features import Rows
from bot.answering.index import NAME_PRIOR, Floats, Index, Ints, Phrasings, marks_of, pages_of, unit, verbatim_words
from bot.answering.pairs import build_substances
from bot.answering.separating import Halves, Lessons, Separators, corrected
from bot.answering.thinking import Mind, nicknames_of
from bot.answering.vectors import DIMENSIONS
from bot.knowledge.model import Knowledge

_NEAR: Final = 2500
"""How many phrasings are likest to the changed ones, and answer to them."""
_FAINT: Final = 1e-6


def preview_mind(served: Mind, draft: Knowledge) -> Mind | None:
    """A mind for ``draft`` as it will nearly be; ``None`` when it cannot be derived from ``served``."""
    before = served.index.knowledge
    if not _only_pages_differ(before, draft):
        return None
    change = laid_beside(served.index, draft)
    if change is None:
        return None
    index = _index(served.index, draft, change)
    touched = [page.id for page in changed_pages(draft, before)]
    return replace(
        served,
        knowledge=draft,
        index=index,
        facets=renewed_facets(served.facets, draft, change.reader, touched),
        substances=build_substances(draft),
        nicknames=nicknames_of(draft),
    )


def _only_pages_differ(before: Knowledge, draft: Knowledge) -> bool:
    """Whether all that is no page and teaches how to read is the same."""
    old, new = before.vocabulary, draft.vocabulary
    return old is new or old.model_copy(update={"ambiguous": new.ambiguous, "nicknames": new.nicknames}) == new


def _index(served: Index, draft: Knowledge, change: Change) -> Index:
    frames = replace(served.frames, marks=marks_of(draft))
    renewed = replace(
        served, **pages_of(draft, change.targets), names=change.reader.names, reader=change.reader, frames=frames
    )
    return renewed if change.is_silent else _corrected(renewed, served, change)


def _corrected(renewed: Index, served: Index, change: Change) -> Index:
    """The index of the draft's pages with all that was counted in phrasings."""
    said = served.phrasings
    space, rows = served.space.corrected(said.rows, change.lost, [one.reading.plain for one in change.added])
    sums = _sums(served, change)
    shares, totals = _shares(served, change)
    sizes = np.bincount(change.owners, minlength=len(change.targets))
    return replace(
        renewed,
        space=space,
        verbatim=_verbatim(served, change),
        phrasings=Phrasings(
            starts=np.concatenate(([0], np.cumsum(sizes))).astype(np.int32),
            owners=change.owners,
            labels=change.labels,
            rows=rows.taken(change.rows),
        ),
        separators=_separators(served, change, rows, len(space)),
        vector_centroids=unit(sums),
        vector_lengths=np.linalg.norm(sums, axis=1),
        name_shares=shares,
        name_totals=totals,
    )


def _sums(served: Index, change: Change) -> Floats:
    """Each target's summed vectors, corrected for the phrasings that came and went."""
    sums = np.zeros((len(change.targets), DIMENSIONS), dtype=np.float32)
    kept = change.columns >= 0
    columns = change.columns[kept]
    sums[kept] = served.vector_centroids[columns] * served.vector_lengths[columns, None]
    more = Counter((one.owner, one.reading.spoken) for one in change.added)
    more.subtract((one.owner, one.reading.spoken) for one in change.gone)
    told = {said: count for said, count in more.items() if count}
    if told:
        counts = np.fromiter(told.values(), dtype=np.float32, count=len(told))
        vectors = served.vectors([spoken for _, spoken in told])
        np.add.at(sums, [owner for owner, _ in told], counts[:, None] * vectors)
    return sums


def _separators(served: Index, change: Change, rows: Rows, features: int) -> Separators:
    """The served separators, corrected. A new target's begins where the others' do on average."""
    weights = served.separators.weights
    table: Halves = np.zeros((features + 1, len(change.targets)), dtype=np.float16)
    for part, rows_of in ((table[: len(weights) - 1], weights[:-1]), (table[-1:], weights[-1:])):
        np.take(rows_of, change.columns, axis=1, out=part, mode="clip")
    new = change.columns < 0
    table[:, new] = 0
    table[-1, new] = weights[-1].mean(dtype=np.float32)
    owners = np.full(len(rows), -1, dtype=np.int32)
    owners[change.rows] = change.owners
    near = _near(rows, change, features)
    return corrected(
        table,
        Lessons(rows.taken(change.lost), change.moved(len(served.targets))[served.phrasings.owners[change.lost]]),
        _lessons(rows, change.added),
        Lessons(rows.taken(near), owners[near]),
        _held(rows, np.concatenate((near, _moved(change))), features),
    )


def _lessons(rows: Rows, said: Sequence[Said]) -> Lessons:
    places = np.asarray([one.row for one in said], dtype=np.int32)
    return Lessons(rows.taken(places), np.asarray([one.owner for one in said], dtype=np.int32))


def _held(rows: Rows, free: Ints, features: int) -> Floats:
    """The sum of each feature's squared weights in all phrasings but those ``free``, and their number last."""
    holds = np.ones(len(rows), dtype=np.float32)
    holds[free.astype(np.int64)] = 0
    squares = rows.weights**2 * np.repeat(holds, np.diff(rows.starts))
    return np.append(np.bincount(rows.features, squares, minlength=features), holds.sum()).astype(np.float32)


def _moved(change: Change) -> Ints:
    """The rows that came and went."""
    return np.concatenate((change.lost, np.asarray([one.row for one in change.added], dtype=np.int32)))


def _near(rows: Rows, change: Change, features: int) -> Ints:
    """The phrasings that share most with those that came and went, likest first."""
    moved = _moved(change)
    theirs = rows.taken(moved)
    weights = np.bincount(theirs.features, theirs.weights, minlength=features)
    owners = np.repeat(np.arange(len(rows)), np.diff(rows.starts))
    likeness = np.bincount(owners, weights[rows.features] * rows.weights, minlength=len(rows))
    likeness[moved] = 0
    likest = np.argsort(-likeness, kind="stable")[:_NEAR]
    return likest[likeness[likest] > 0].astype(np.int32)


def _verbatim(served: Index, change: Change) -> dict[str, int]:
    moved = change.moved(len(served.targets)).tolist()
    known = {words: moved[number] for words, number in served.verbatim.items() if moved[number] >= 0}
    for one in change.gone:
        words = verbatim_words(one.reading.words.words, change.targets[one.owner])
        if known.get(words) == one.owner:
            del known[words]
    for one in change.added:
        words = verbatim_words(one.reading.words.words, change.targets[one.owner])
        if words and known.setdefault(words, one.owner) != one.owner:
            del known[words]
    return known


def _shares(served: Index, change: Change) -> tuple[dict[str, Mapping[int, float]], dict[str, float]]:
    """How names are shared among targets, corrected for what came and went; and how often each occurs."""
    counted = _counted(change)
    moved = change.moved(len(served.targets)).tolist()
    shares, totals = dict(served.name_shares), dict(served.name_totals)
    for name in counted if change.is_settled else shares.keys() | counted.keys():
        tally: dict[int, float] = defaultdict(float)
        for number, share in served.name_shares.get(name, {}).items():
            tally[moved[number]] += share * served.name_totals[name]
        for number, count in counted.get(name, {}).items():
            tally[number] += count
        kept = {number: count for number, count in tally.items() if number >= 0 and count > _FAINT}
        totals[name] = sum(kept.values())
        shares[name] = {number: count / totals[name] for number, count in kept.items()}
    return shares, totals


def _counted(change: Change) -> Mapping[str, Mapping[int, float]]:
    """How much more often each name occurs in each target's phrasings; a name counts something by itself."""
    counts: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for sign, said in ((-1, change.gone), (1, change.added)):
        for one in said:
            for alias in {hit.alias for hit in one.reading.covered}:
                counts[alias][one.owner] += sign
    numbers = {target: number for number, target in enumerate(change.targets)}
    for sign, names in ((-1, change.renamed.old), (1, change.renamed.new)):
        for name in names:
            for entry in name.entries if not name.foreign else ():
                counts[name.text][numbers.get(entry, -1)] += sign * NAME_PRIOR
    return counts

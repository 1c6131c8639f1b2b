"""A draft's phrasings beside the served ones: which came, which went, and which are read otherwise by now.

Only those are read; all others keep their place among the served ones. A phrasing is read otherwise where a name
stands in it that came, went or leads elsewhere. (That a misspelt one may now be taken for such a name is left out.)
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np

from bot.answering.index import Index, Ints
from bot.answering.names import Name, NameIndex
from bot.answering.phrasings import (
    entry_names,
    groups_of,
    names_of,
    ordinary_words,
    shared_names,
    targets_of,
    titles_of,
)
from bot.answering.reading import Reader, Reading
from bot.answering.text import words_of
from bot.knowledge.model import MARK, Entry, Knowledge, Redirect

_MOST_READ: Final = 8000
"""So many phrasings are read in some seconds, of which a full build takes ten times as many."""

_MOST_CHANGED: Final = 0.05
"""Where a larger share of all phrasings changes, nothing is as it was before."""

_Texts = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Said:
    """One phrasing that came or went: its row, its target's number in the draft, and how it is read."""

    row: int
    owner: int
    reading: Reading


@dataclass(frozen=True, slots=True)
class Renamed:
    """Names that only the served knowledge has, that only the draft has, and those of what turned into another sort."""

    old: frozenset[Name]
    new: frozenset[Name]
    turned: frozenset[Name]


@dataclass(frozen=True, slots=True)
class Change:
    """The draft's phrasings beside the served ones. A row is a served phrasing's; those ``added`` come after them."""

    reader: Reader
    renamed: Renamed
    targets: tuple[str, ...]
    is_settled: bool
    """Whether the targets are the served ones."""
    columns: Ints
    """For each target of the draft its number as served, -1 when it is new."""
    rows: Ints
    """For each phrasing of the draft its row."""
    owners: Ints
    labels: tuple[str, ...]
    lost: Ints
    """The served rows that are no more."""
    gone: tuple[Said, ...]
    """What was said in those of them whose target stays; of one that goes, nothing hangs on it any more."""
    added: tuple[Said, ...]

    @property
    def is_silent(self) -> bool:
        """Whether everything is asked for as before: at most what pages say differs."""
        return self.is_settled and not (len(self.lost) or self.added or self.renamed.old or self.renamed.new)

    def moved(self, before: int) -> Ints:
        """For each of the ``before`` served targets its number in the draft, -1 when it is gone."""
        found = np.full(before, -1, dtype=np.int32)
        kept = self.columns >= 0
        found[self.columns[kept]] = np.flatnonzero(kept)
        return found


# --- reading -----------------------------------------------------------------------------------------------------


def _renamed(before: Knowledge, draft: Knowledge) -> Renamed:
    old, new = (
        {name for page in changed_pages(one, other) for name in names_of(page)}
        for one, other in ((before, draft), (draft, before))
    )
    if not _shares_names(before, draft):
        old, new = old | set(shared_names(before)), new | set(shared_names(draft))
    turned = groups_of(before).keys() ^ groups_of(draft).keys()
    return Renamed(
        frozenset(old - new),
        frozenset(new - old),
        frozenset(name for key in turned & draft.entries.keys() for name in names_of(draft.entries[key])),
    )


def _shares_names(one: Knowledge, other: Knowledge) -> bool:
    """Whether what is named beside the pages is the same, and of the same pages."""
    ambiguous = one.vocabulary.ambiguous == other.vocabulary.ambiguous
    return ambiguous and one.look_alikes == other.look_alikes and one.entries.keys() == other.entries.keys()


def changed_pages(one: Knowledge, other: Knowledge) -> list[Entry]:
    """The entries that ``other`` does not have so, wherever they point."""
    return [page for key, page in one.entries.items() if not _is_alike(page, other.entries.get(key))]


def _is_alike(page: Entry, other: Entry | None) -> bool:
    """Whether two pages differ in nothing but what they are related to."""
    return other is page or (other is not None and other.model_copy(update={"related": page.related}) == page)


def _reader(served: Index, draft: Knowledge, renamed: Renamed) -> Reader:
    """What the draft's phrasings are read with: names and spelling as the draft has them."""
    before, reader = served.knowledge, served.reader
    common = served.word_vectors.common_words
    speller = reader.speller.recounted(_recount(before, draft, reader.speller.counts.keys() | common))
    names = reader.names
    if renamed.old or renamed.new:
        ordinary = ordinary_words(draft, speller.counts, common)
        names = NameIndex(entry_names(draft), ordinary, frozenset(draft.vocabulary.ordinary), names)
    return reader.renewed(names, titles_of(draft), groups_of(draft), speller)


def _recount(before: Knowledge, draft: Knowledge, trusted: Iterable[str]) -> dict[str, int]:
    """How much more often each word stands in the draft, of those that are surely spelt as they should be."""
    counts: Counter[str] = Counter()
    sure = set(trusted)
    for sign, one, other in ((1, draft, before), (-1, before, draft)):
        asks, prose = _wordings(one, other)
        sure |= set().union(*prose) if sign > 0 else set()
        for words in (*asks, *prose):
            counts.update(dict.fromkeys(words, sign))
    return {word: count for word, count in counts.items() if count and word in sure}


def _wordings(one: Knowledge, other: Knowledge) -> tuple[list[frozenset[str]], list[frozenset[str]]]:
    """The words of each ask and of each facet on the pages that ``other`` does not have so."""
    pages = changed_pages(one, other)
    redirects = [page for key, page in one.redirects.items() if other.redirects.get(key) != page]
    asked: tuple[Entry | Redirect, ...] = (*pages, *redirects)
    asks = [text for page in asked for text in page.asks]
    prose = [MARK.sub("", text) for page in pages for text in page.facets.values()]
    return _worded(asks), _worded(prose)


def _worded(texts: Iterable[str]) -> list[frozenset[str]]:
    return [frozenset(words_of(text).words) for text in texts]


# --- laying the draft beside what is served -----------------------------------------------------------------------


def laid_beside(served: Index, draft: Knowledge) -> Change | None:
    """The draft's phrasings beside the served ones; ``None`` when too many have to be read."""
    renamed = _renamed(served.knowledge, draft)
    reader = _reader(served, draft, renamed)
    before, after = dict(targets_of(served.knowledge)), dict(targets_of(draft))
    texts = [text for target in after.values() for text in chain(*target)]
    owners = [owner for owner, target in enumerate(after.values()) for _ in chain(*target)]
    rows = [row for target in after for row in _rows_of(target, served, before, after)]
    stale = _stale(texts, rows, renamed.old | renamed.new | renamed.turned)
    is_lost = np.ones(len(served.phrasings.owners), dtype=np.bool_)
    is_lost[[row for place, row in enumerate(rows) if row >= 0 and place not in stale]] = False
    lost = np.flatnonzero(is_lost).astype(np.int32)
    fresh = [place for place, row in enumerate(rows) if row < 0 or place in stale]
    said = [text for target in before.values() for text in chain(*target)]
    numbers = {target: number for number, target in enumerate(after)}
    left = [(row, numbers.get(served.targets[served.phrasings.owners[row]], -1)) for row in lost.tolist()]
    left = [(row, owner) for row, owner in left if owner >= 0]
    if max(len(fresh), len(lost)) > _MOST_CHANGED * len(is_lost) or len(fresh) + len(left) > _MOST_READ:
        return None
    words = {text: words_of(text) for text in (*(said[row] for row, _ in left), *(texts[place] for place in fresh))}
    gone = [Said(row, owner, served.reader.read_words(words[said[row]])) for row, owner in left]
    added = [
        Said(len(said) + nth, owners[place], reader.read_words(words[texts[place]])) for nth, place in enumerate(fresh)
    ]
    for place, one in zip(fresh, added, strict=True):
        rows[place] = one.row
    return Change(
        reader,
        renamed,
        tuple(after),
        tuple(after) == served.targets,
        np.asarray([served.numbers.get(target, -1) for target in after], dtype=np.int32),
        np.asarray(rows, dtype=np.int32),
        np.asarray(owners, dtype=np.int32),
        tuple(f"{target}#{place}" for target, found in after.items() for place, _ in enumerate(chain(*found), 1)),
        lost,
        tuple(gone),
        tuple(added),
    )


def _rows_of(target: str, served: Index, before: _Texts, after: _Texts) -> Iterator[int]:
    """The served row of each of a target's phrasings, -1 for those that it did not have."""
    if before.get(target) == after[target]:
        number = served.numbers[target]
        return iter(range(int(served.phrasings.starts[number]), int(served.phrasings.starts[number + 1])))
    known: dict[str, list[int]] = defaultdict(list)
    if target in before:
        first = int(served.phrasings.starts[served.numbers[target]])
        for row, text in enumerate(chain(*before[target]), first):
            known[text].append(row)
    return (known[text].pop(0) if known.get(text) else -1 for text in chain(*after[target]))


def _stale(texts: Sequence[str], rows: Sequence[int], names: Iterable[Name]) -> frozenset[int]:
    """The places of served phrasings in which one of ``names`` stands."""
    spelt = {name.words: re.compile(r"\b" + r"[\W_]*".join(name.words) + r"s?\b") for name in names}
    hint = re.compile("|".join({re.escape(max(words, key=len)) for words in spelt}))
    found: set[int] = set()
    for place, text in enumerate(texts if spelt else ()):
        lowered = text.lower()
        if rows[place] >= 0 and hint.search(lowered) and any(one.search(lowered) for one in spelt.values()):
            found.add(place)
    return frozenset(found)

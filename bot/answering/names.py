"""Topic names: a reviewed alias found anywhere in a message, exactly or by bounded typing errors.

Exact names win over everything. A word that is no name, no ordinary word and long enough may be one typing
error away from names (two from nine letters on): a deletion neighbourhood (Garbe's SymSpell idea) proposes, and
optimal string alignment from rapidfuzz disposes, so that cost does not grow with the number of names.
Whenever such a step could reach two different topics, or a known medicine that is not covered, the hit says so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from bot.answering.byword import ByWord
from bot.answering.model import Edit, NameHit
from bot.answering.text import singular, words_of

MIN_FUZZY: Final = 5
"""Shortest word that may be mended; shorter names need every letter (ect is not etc)."""
_LONG: Final = 9
_LONGEST_WORD: Final = 30
"""No name is longer; a longer word would have millions of neighbours."""
_MAX_WORDS: Final = 6
_SHORTEST_PLURAL: Final = 2
_SOUNDS: Final = (
    ("ph", "f"),
    ("ck", "k"),
    ("qu", "kw"),
    ("x", "ks"),
    ("c", "k"),
    ("z", "s"),
    ("y", "i"),
    ("ee", "i"),
    ("ea", "i"),
)
_DOUBLED: Final = re.compile(r"(.)\1+")
_VOWELS: Final = re.compile(r"(?<=.)[aeiou]+")


@dataclass(frozen=True, slots=True)
class Name:
    """One known name: its words, where it leads, and whether it is one we do not cover."""

    words: tuple[str, ...]
    entries: tuple[str, ...]
    foreign: bool = False

    @property
    def text(self) -> str:
        """The name as it is compared, its words joined by blanks."""
        return " ".join(self.words)


def sound(word: str) -> str:
    """A rough sound of an English-looking medicine name: letters that are heard alike become one."""
    for spelt, heard in _SOUNDS:
        word = word.replace(spelt, heard)
    return _VOWELS.sub("a", _DOUBLED.sub(r"\1", word))


def _allowed(word: str) -> int:
    if not MIN_FUZZY <= len(word) <= _LONGEST_WORD or any(letter.isdigit() for letter in word):
        return 0
    return 2 if len(word) >= _LONG else 1


def _without_one(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _deletions(word: str, depth: int) -> set[str]:
    found = {word}
    layer = {word}
    for _ in range(depth):
        layer = {shorter for longer in layer for shorter in _without_one(longer)}
        found |= layer
    return found


@dataclass(slots=True)
class _Node:
    """What may follow the words so far, and the name that they are."""

    name: Name | None = None
    after: dict[str, _Node] = field(default_factory=dict)


class NameIndex:
    """All known names, ready to be found. Built once, read-only."""

    def __init__(
        self,
        names: Iterable[Name],
        ordinary: frozenset[str],
        everyday: frozenset[str] = frozenset(),
        like: NameIndex | None = None,
    ) -> None:
        """``ordinary`` words are never mended into a name; ``everyday`` ones are a name only in capitals. Where an
        index of nearly the same names is at hand (``like``), less is to be done."""
        self._everyday = everyday
        self._by_words: dict[tuple[str, ...], Name] = {}
        for name in names:
            self._add(name)
        self._singles = {name.words[0]: name for name in self._by_words.values() if len(name.words) == 1}
        self._parts = frozenset(word for words in self._by_words for word in words)
        self._ordinary = ordinary - frozenset(self._singles)
        self._reach = self._reaches()
        self._tree = self._grown()
        self._near = self._neighbourhood() if like is None else self._neighbourhood_like(like)
        self._heard = self._by_sound()
        joined = {"".join(words): name for words, name in self._by_words.items() if len(words) > 1}
        self._joined = _with_plurals({word: name for word, name in joined.items() if len(word) >= MIN_FUZZY})
        self._whole = _with_plurals({**self._joined, **{w: n for w, n in self._singles.items() if len(w) > MIN_FUZZY}})
        self._sure = self._ordinary | self._parts
        self._alone = frozenset(_with_plurals(self._singles)) | self._joined.keys()
        self._openings = frozenset(self._opened())
        self._begins = self._alone | {opening[: opening.index(" ")] for opening in self._openings}
        self._mends = ByWord(self._mended)

    def _add(self, name: Name) -> None:
        """Covered names win over foreign ones; the same name of two entries leads to both."""
        known = self._by_words.get(name.words)
        if known is None or (known.foreign and not name.foreign):
            self._by_words[name.words] = name
        elif known.foreign == name.foreign:
            both = tuple(dict.fromkeys(known.entries + name.entries))
            self._by_words[name.words] = Name(name.words, both, name.foreign)

    def _reaches(self) -> dict[str, int]:
        """For each first word (in the plural too) the number of words of its longest name."""
        reach: dict[str, int] = {}
        for words in self._by_words:
            for form in (words[0], f"{words[0]}s"):
                reach[form] = max(reach.get(form, 0), len(words))
        return reach

    def _grown(self) -> _Node:
        root = _Node()
        for words, name in self._by_words.items():
            node = root
            for word in words:
                node = node.after.setdefault(word, _Node())
            node.name = name
        return root

    def _opened(self) -> Iterator[str]:
        """The two words with which every name begins that is written as more than one, in the plural too."""
        for words in self._by_words:
            if len(words) > 1:
                yield f"{words[0]} {words[1]}"
                yield f"{words[0]} {words[1]}s"

    def _fuzzy_words(self) -> Iterator[str]:
        return (word for word in self._parts if _allowed(word))

    def _neighbourhood(self) -> Mapping[str, tuple[str, ...]]:
        near: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._fuzzy_words()):
            for shorter in _deletions(word, _allowed(word)):
                near[shorter].append(word)
        return {key: tuple(words) for key, words in near.items()}

    def _neighbourhood_like(self, other: NameIndex) -> Mapping[str, tuple[str, ...]]:
        """The same, from that of another index: only for words that one of the two lacks."""
        near = dict(other._near)
        before, now = frozenset(other._fuzzy_words()), frozenset(self._fuzzy_words())
        for word in before ^ now:
            for shorter in _deletions(word, _allowed(word)):
                words = set(near.get(shorter, ())) ^ {word}
                near[shorter] = tuple(sorted(words))
        return near

    def _by_sound(self) -> Mapping[str, tuple[str, ...]]:
        heard: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._fuzzy_words()):
            if len(word) >= MIN_FUZZY + 1:
                heard[sound(word)].append(word)
        return {key: tuple(words) for key, words in heard.items()}

    def __len__(self) -> int:
        return len(self._by_words)

    def known(self, word: str) -> bool:
        """Whether a word is part of any known name."""
        return word in self._parts

    def mended(self, word: str) -> tuple[tuple[str, int], ...]:
        """Name words that ``word`` may be a typing error of, with their distance, nearest first."""
        return self._mends[word]

    def _mended(self, word: str) -> tuple[tuple[str, int], ...]:
        reach = _allowed(word)
        if not reach or word in self._parts or word in self._ordinary or singular(word) in self._ordinary:
            return ()
        proposed = {near for shorter in _deletions(word, reach) for near in self._near.get(shorter, ())}
        found = {
            near: distance
            for near in proposed
            if self._plausible(word, near, distance := OSA.distance(word, near, score_cutoff=reach))
        }
        if len(word) > MIN_FUZZY:
            for near in self._heard.get(sound(word), ()):
                found.setdefault(near, min(2, OSA.distance(word, near)))
        return tuple(sorted(found.items(), key=lambda item: (item[1], item[0])))

    @staticmethod
    def _plausible(word: str, near: str, distance: int) -> bool:
        """Within reach of both lengths, and not a different first letter unless the rest is all but equal."""
        if distance > min(_allowed(word), _allowed(near)):
            return False
        return word[0] == near[0] or distance == 1

    def find(self, words: Sequence[str], capitals: frozenset[str] = frozenset()) -> tuple[NameHit, ...]:
        """All names in ``words``, longest first at each place, none overlapping an exact one.

        A name that is also an everyday word (SAMe, ACT) counts only when it is among ``capitals``.
        """
        exact = tuple([hit for hit in self._exact(words) if hit.alias not in self._everyday or hit.alias in capitals])
        if self._sure.issuperset(words):
            return exact
        taken = {place for hit in exact for place in range(hit.start, hit.end)}
        fuzzy = tuple(self._fuzzy(words, taken))
        return tuple(sorted(exact + fuzzy, key=lambda hit: hit.start)) if fuzzy else exact

    def _exact(self, words: Sequence[str]) -> Iterator[NameHit]:
        begins, alone, openings, whole, done = self._begins, self._alone, self._openings, self._whole, 0
        for place in [
            place
            for place, (word, after) in enumerate(zip(words, (*words[1:], ""), strict=False))
            if word + after in whole or (word in begins and (word in alone or f"{word} {after}" in openings))
        ]:
            hit = self._longest_at(words, place) if place >= done else None
            if hit is not None:
                yield hit
                done = hit.end

    def _longest_at(self, words: Sequence[str], place: int) -> NameHit | None:
        """The longest name that is spelt out from ``place`` on, in the plural too (``ssris``, ``tricyclics``)."""
        found: tuple[Name, int] | None = None
        node: _Node | None = self._tree
        end = place
        while node is not None and end < len(words):
            word, before = words[end], node
            node = before.after.get(word)
            end += 1
            name = node.name if node is not None else None
            if name is None and word[-1:] == "s" and len(word) > _SHORTEST_PLURAL:
                singly = before.after.get(word[:-1])
                name = singly.name if singly is not None else None
            if name is not None:
                found = name, end
        if found is not None:
            return _hit(found[0], place, found[1], Edit.EXACT, 1.0)
        return self._joined_at(words, place)

    def _joined_at(self, words: Sequence[str], place: int) -> NameHit | None:
        """A name written as one word (``lightbox``), or one word written as two (``anti depressants``)."""
        word = words[place]
        whole = self._joined.get(word)
        if whole is not None:
            return _hit(whole, place, place + 1, Edit.SPLIT_OR_JOINED, 0.98)
        if place + 1 < len(words) and len(word) > 1 and word not in self._singles:
            name = self._whole.get(word + words[place + 1])
            if name is not None:
                return _hit(name, place, place + 2, Edit.SPLIT_OR_JOINED, 0.98)
        return None

    def _fuzzy(self, words: Sequence[str], taken: set[int]) -> Iterator[NameHit]:
        """Names reached by mending words, each place once, longer names first."""
        sure = self._sure
        doubtful = {place: word for place, word in enumerate(words) if word not in sure and place not in taken}
        once = {word: self.mended(word) for word in set(doubtful.values())}
        mends = {place: once[word] for place, word in doubtful.items() if once[word]}
        done = -1
        for start in sorted({place - back for place in mends for back in range(_MAX_WORDS) if place >= back}):
            if start <= done:
                continue
            hits = self._mended_at(words, start, mends, taken)
            yield from hits
            done = max((hit.end - 1 for hit in hits), default=done)

    def _mended_at(
        self, words: Sequence[str], place: int, mends: Mapping[int, tuple[tuple[str, int], ...]], taken: set[int]
    ) -> tuple[NameHit, ...]:
        begins = (words[place], *(near for near, _ in mends.get(place, ())))
        longest = max(self._reach.get(word, 0) for word in begins)
        for size in range(min(_MAX_WORDS, longest, len(words) - place), 0, -1):
            span = range(place, place + size)
            if taken.intersection(span) or mends.keys().isdisjoint(span):
                continue
            found = tuple(self._names_from(words, span, mends))
            if found:
                return found
        return ()

    def _names_from(
        self, words: Sequence[str], span: range, mends: Mapping[int, tuple[tuple[str, int], ...]]
    ) -> Iterator[NameHit]:
        readings: list[tuple[tuple[str, ...], int]] = [((), 0)]
        for place in span:
            options = [(words[place], 0), *mends.get(place, ())]
            readings = [((*read, word), cost + extra) for read, cost in readings for word, extra in options][:64]
        seen: set[tuple[str, ...]] = set()
        letters = sum(len(words[place]) for place in span)
        for read, cost in sorted(readings, key=lambda reading: reading[1]):
            name = self._by_words.get(read)
            if name is None or cost == 0 or name.words in seen:
                continue
            seen.add(name.words)
            yield _hit(name, span.start, span.stop, Edit.TYPO, 1.0 - cost / max(letters, 1))


def _hit(name: Name, start: int, end: int, edit: Edit, similarity: float) -> NameHit:
    return NameHit(name.text, name.entries, start, end, edit, similarity, name.foreign)


def _with_plurals(names: Mapping[str, Name]) -> dict[str, Name]:
    """The same names, found in the plural too."""
    return {**{f"{word}s": name for word, name in names.items()}, **names}


@lru_cache(maxsize=1 << 14)
def name_words(text: str) -> tuple[str, ...]:
    """The words under which a title or alias is known, folded and singular at the end."""
    words = words_of(text).words
    return (*words[:-1], singular(words[-1])) if words else ()

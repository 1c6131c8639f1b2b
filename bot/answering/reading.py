"""Reading a message for matching: its words, the names in it, and the words with names and slang made plain."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Final

from bot.answering.byword import ByWord
from bot.answering.folding import fold
from bot.answering.model import Edit, NameHit
from bot.answering.names import MIN_FUZZY, NameIndex, name_words
from bot.answering.spelling import Speller
from bot.answering.text import MAX_CHARS, WORD, Words, singular, words_of

_LONGEST_PHRASE: Final = 4
_MOST_MENDED: Final = 24
_WORDS: Final = 40_000
"""How many words are kept with what they are read as: more than all stored phrasings have."""
_NOISE: Final = frozenset({"etc"})
"""Words that mean nothing by themselves, and look like something that does."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One message as matching sees it.

    ``plain`` are the words to match on: a name became ``@entry`` and ``@group``, slang became the plain word.
    ``spoken`` is the text for word vectors, with names by their titles; ``unnamed`` is the same without names.
    """

    words: Words
    names: tuple[NameHit, ...]
    plain: tuple[str, ...]
    spoken: str
    unnamed: str

    @property
    def covered(self) -> tuple[NameHit, ...]:
        """The names that lead to entries of their own."""
        return tuple(hit for hit in self.names if not hit.foreign)


class Reader:
    """Reads messages with one knowledge's names and vocabulary."""

    def __init__(
        self,
        names: NameIndex,
        synonyms: Mapping[str, Sequence[str]],
        titles: Mapping[str, str],
        groups: Mapping[str, str],
        speller: Speller,
        facet_names: frozenset[str] = frozenset(),
    ) -> None:
        """``facet_names`` are names that also ask for a facet ("side effects"): no topic beside another topic."""
        self._facet_names = facet_names
        self._names = names
        self._speller = speller
        self._titles = titles
        self._groups = groups
        self._plain: dict[tuple[str, ...], str] = {}
        for plain, spoken in synonyms.items():
            for phrase in spoken:
                self._plain[tuple(map(singular, words_of(phrase).words))] = plain
        self._alone = _NOISE | {phrase[0] for phrase in self._plain if len(phrase) == 1}
        self._openings = frozenset(" ".join(phrase[:2]) for phrase in self._plain if len(phrase) > 1)
        self._starts = self._alone | {phrase[0] for phrase in self._plain if phrase}
        self._singles = ByWord(singular, _WORDS)
        self._meant = ByWord(self._mend, _WORDS)
        self._mends = ByWord(self._mend_word)

    @property
    def names(self) -> NameIndex:
        """The names that are found."""
        return self._names

    @property
    def speller(self) -> Speller:
        """What mends everyday words."""
        return self._speller

    def renewed(
        self, names: NameIndex, titles: Mapping[str, str], groups: Mapping[str, str], speller: Speller
    ) -> Reader:
        """The same vocabulary with other pages."""
        kept = copy(self)
        kept._names, kept._titles, kept._groups, kept._speller = names, titles, groups, speller
        return kept

    def read(self, text: str, has_topic: bool = False) -> Reading:
        """Words, names and plain words of ``text``. ``has_topic``: it follows up on something talked about."""
        return self.read_words(words_of(text), has_topic)

    def read_words(self, words: Words, has_topic: bool = False) -> Reading:
        """The same for a text whose words are at hand."""
        names = self._names.find(words.words, words.capitals)
        if not names:
            return self.reading(words, names)
        names = tuple(hit for hit in names if not self._is_everyday(words, hit))
        topics = tuple(hit for hit in names if hit.alias not in self._facet_names)
        beside = has_topic or any(not hit.foreign for hit in topics)
        return self.reading(words, topics if beside else names)

    def reading(self, words: Words, names: tuple[NameHit, ...]) -> Reading:
        """The reading of already found ``names`` in ``words``."""
        starts = {hit.start: hit for hit in self._readable(names)} if names else {}
        said = self._mended(words.words)
        singles = [*map(self._singles.__getitem__, said)]
        plain: list[str] = []
        spoken: list[str] = []
        unnamed: list[str] = []
        done = 0
        for place in (*self._marked(singles, starts), len(singles)):
            if place < done:
                continue
            plain += singles[done:place]
            spoken += said[done:place]
            unnamed += said[done:place]
            if place == len(singles):
                break
            hit = starts.get(place)
            if hit is not None:
                plain += self._stand_ins(hit)
                spoken.append(self._titles.get(hit.entries[0], hit.alias) if hit.entries else hit.alias)
                done = hit.end
                continue
            word, size = self._plain_at(singles, place)
            if word not in _NOISE:
                plain.append(word)
            done = place + size
            spoken += said[place:done]
            unnamed += said[place:done]
        return Reading(words, names, tuple(plain), " ".join(spoken), " ".join(unnamed))

    def _marked(self, singles: Sequence[str], names: Container[int]) -> list[int]:
        """The places at which a name begins, or a word or two that begin slang."""
        starts, alone, openings = self._starts, self._alone, self._openings
        return [
            place
            for place, (word, after) in enumerate(zip(singles, (*singles[1:], ""), strict=False))
            if place in names or (word in starts and (word in alone or f"{word} {after}" in openings))
        ]

    def _is_everyday(self, words: Words, hit: NameHit) -> bool:
        """Whether what looks like a misspelt foreign name is as near to an everyday word (``incrase``)."""
        if not (hit.foreign and hit.edit is Edit.TYPO and hit.end - hit.start == 1):
            return False
        word = words.words[hit.start]
        mended = self._speller.mend(word)
        return mended != word and not self._names.known(mended)

    def _mended(self, words: Sequence[str]) -> tuple[str, ...]:
        """Misspelt everyday words mended, at most :data:`_MOST_MENDED` of them."""
        if len(words) <= _MOST_MENDED:
            return tuple(map(self._meant.__getitem__, words))
        said: list[str] = []
        left = _MOST_MENDED
        for word in words:
            doubtful = left > 0 and not self._speller.known(word)
            left -= doubtful
            said.append(self._meant[word] if doubtful else word)
        return tuple(said)

    def _mend(self, word: str) -> str:
        """An everyday word mended; never into a short name, which needs every letter."""
        mended = self._speller.mend(word)
        return word if len(mended) < MIN_FUZZY and self._names.known(mended) else mended

    def mended(self, text: str) -> str:
        """``text`` folded, its misspelt everyday words mended; what may be a misspelt name is left alone."""
        folded = fold(text[:MAX_CHARS])
        mends = self._mends
        if all(mends[word] == word for word in WORD.findall(folded)):
            return folded
        return WORD.sub(lambda found: mends[found.group()], folded)

    def _mend_word(self, word: str) -> str:
        if self._speller.known(word) or self._names.known(word) or self._names.mended(word):
            return word
        return self._mend(word)

    def with_topic(self, reading: Reading, topic: str) -> Reading:
        """``reading`` as if it had named ``topic`` at its end: what a follow-up leaves unsaid."""
        place = len(reading.words)
        words = Words((*reading.words.words, topic), reading.words.asks, reading.words.folded, reading.words.capitals)
        hit = NameHit(" ".join(name_words(topic)), (topic,), place, place + 1, Edit.EXACT, 1.0)
        return self.reading(words, (*reading.names, hit))

    @staticmethod
    def _readable(names: Sequence[NameHit]) -> tuple[NameHit, ...]:
        """One hit per place: exact ones, and the nearest of those reached by mending."""
        best: dict[int, NameHit] = {}
        for hit in names:
            if hit.start not in best or hit.similarity > best[hit.start].similarity:
                best[hit.start] = hit
        return tuple(best.values())

    def _stand_ins(self, hit: NameHit) -> tuple[str, ...]:
        if hit.foreign:
            return ("@foreign",)
        entry = hit.entries[0]
        group = self._groups.get(entry)
        marks = (f"@{entry}",) if hit.edit is not Edit.TYPO or len(hit.entries) == 1 else ()
        return (*marks, f"@@{group}") if group else marks

    def _plain_at(self, singles: Sequence[str], place: int) -> tuple[str, int]:
        """The plain word for the slang that begins at ``place``, and how many words it takes the place of."""
        for size in range(min(_LONGEST_PHRASE, len(singles) - place), 0, -1):
            plain = self._plain.get(tuple(singles[place : place + size]))
            if plain is not None:
                return plain, size
        return singles[place], 1

"""Phrasings: every stored way of asking for anything that can be answered, read once with the knowledge's own names.

Everything a message can be about is a *target*: an entry, a redirect, a sort of small talk, or none of our business
(:data:`OUTSIDE`). Each has phrasings: its asks, title and aliases.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

from rapidfuzz.distance import OSA

from bot.answering.names import MIN_FUZZY, Name, NameIndex, name_words, sound
from bot.answering.reading import Reader, Reading
from bot.answering.spelling import Speller
from bot.answering.text import Words, singular, words_of
from bot.answering.vectors import WordVectors, shipped_vectors
from bot.knowledge.model import MARK, Entry, Facet, Kind, Knowledge

REDIRECT: Final = "redirect:"
TALK: Final = "talk:"
MEDICINE: Final = "medicine"
_TRUSTED: Final = 6
_FAR_MORE: Final = 5
OUTSIDE: Final = "outside:"
"""The one target of messages that ask nothing of us."""


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One stored way of asking: whose it is (the target's number), its text and label, and how it is read.

    ``ask`` tells what people say from names and titles.
    """

    owner: int
    text: str
    label: str
    ask: bool
    reading: Reading


@dataclass(frozen=True, slots=True)
class Collected:
    """All phrasings of one knowledge, grouped by target, with what they were read with."""

    knowledge: Knowledge
    vectors: WordVectors
    names: NameIndex
    reader: Reader
    targets: tuple[str, ...]
    """Entry ids, then ``redirect:…``, then ``talk:…``, then :data:`OUTSIDE`."""
    phrasings: tuple[Phrasing, ...]
    wordings: Mapping[Facet, tuple[Reading, ...]]
    """The listed ways of asking for each facet."""


def collect(knowledge: Knowledge) -> Collected:
    """Read all phrasings of ``knowledge``."""
    vectors = shipped_vectors()
    common = vectors.common_words
    targets = dict(targets_of(knowledge))
    said = {text: words_of(text) for asks, names in targets.values() for text in (*asks, *names)}
    counts = _word_counts(knowledge, said, common)
    everyday = frozenset(knowledge.vocabulary.ordinary)
    names = NameIndex(entry_names(knowledge), ordinary_words(knowledge, counts, common), everyday)
    reader = Reader(
        names,
        knowledge.vocabulary.synonyms,
        titles_of(knowledge),
        groups_of(knowledge),
        Speller(counts, common),
        _facet_names(knowledge),
    )
    phrasings = tuple(
        Phrasing(owner, text, f"{target}#{place}", place <= len(asks), reader.read_words(said[text]))
        for owner, (target, (asks, names_of)) in enumerate(targets.items())
        for place, text in enumerate((*asks, *names_of), 1)
    )
    wordings = {facet: tuple(map(reader.read, texts)) for facet, texts in knowledge.vocabulary.facets.items()}
    return Collected(knowledge, vectors, names, reader, tuple(targets), phrasings, wordings)


def entry_names(knowledge: Knowledge) -> list[Name]:
    """Every covered name (titles of definitions, ids, aliases, ambiguous names) and every foreign one."""
    return [*chain.from_iterable(map(names_of, knowledge.entries.values())), *shared_names(knowledge)]


def names_of(entry: Entry) -> list[Name]:
    """The names that an entry gives itself."""
    own = [*entry.aliases, *([entry.title, entry.id.replace("-", " ")] if entry.kind is not Kind.FAQ else [])]
    return [Name(words, (entry.id,)) for words in dict.fromkeys(map(name_words, own)) if words]


def shared_names(knowledge: Knowledge) -> list[Name]:
    """Names that may mean several entries, and foreign ones."""
    names: list[Name] = []
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


def sort_of(entry: Entry) -> str:
    """What sort of page an entry is: its kind, but that medicines are a sort by themselves."""
    return MEDICINE if is_medicine(entry) else entry.kind.value


def is_medicine(entry: Entry) -> bool:
    """Whether an entry is about one medicine: a definition that says how it is stopped or what it interacts with."""
    return (
        entry.kind is Kind.DEFINITION
        and bool({Facet.STOPPING, Facet.INTERACTIONS} & set(entry.facets))
        and Facet.SIDE_EFFECTS in entry.facets
    )


def titles_of(knowledge: Knowledge) -> dict[str, str]:
    """How each entry is called where its name stands in a text."""
    return {entry.id: entry.title.lower() for entry in knowledge.entries.values()}


def groups_of(knowledge: Knowledge) -> dict[str, str]:
    """Which feature stands for the sort of thing an entry is."""
    return {entry.id: "medicine" for entry in knowledge.entries.values() if is_medicine(entry)}


def targets_of(knowledge: Knowledge) -> Iterator[tuple[str, tuple[tuple[str, ...], tuple[str, ...]]]]:
    """Each target's asks and names, in a fixed order. A name that only asks for a facet is no phrasing."""
    facet_names = _facet_names(knowledge)
    for entry in knowledge.entries.values():
        names = (entry.title, *entry.aliases)
        yield entry.id, (entry.asks, tuple(name for name in names if " ".join(name_words(name)) not in facet_names))
    for redirect in knowledge.redirects.values():
        yield REDIRECT + redirect.id, (redirect.asks, ())
    for talk in knowledge.vocabulary.small_talk:
        yield TALK + talk.id, (talk.asks, ())
    if knowledge.vocabulary.outside:
        yield OUTSIDE, (knowledge.vocabulary.outside, ())


def _word_counts(knowledge: Knowledge, words: Mapping[str, Words], common: frozenset[str]) -> dict[str, int]:
    """In how many stored phrasings and facets each word occurs, of words that are surely spelt as they should be.

    People misspell in asks too: a word that stands in no page, is not common and that few asks have is no evidence;
    nor is one that is a slip away from a name, or a letter away from a word heard like it, that is said far more often
    (``sertaline``, ``depresion``).
    """
    vocabulary = knowledge.vocabulary
    prose = [text for entry in knowledge.entries.values() for text in entry.facets.values()]
    prose += [text for phrases in (*vocabulary.facets.values(), *vocabulary.synonyms.values()) for text in phrases]
    asks = [text for entry in knowledge.entries.values() for text in entry.asks]
    asks += [text for redirect in knowledge.redirects.values() for text in redirect.asks]
    asks += [text for talk in vocabulary.small_talk for text in talk.asks]
    written = _tally(words_of(MARK.sub("", text)) for text in prose)
    said = _tally(words[text] for text in (*asks, *vocabulary.outside))
    names: dict[str, list[str]] = defaultdict(list)
    for name in sorted({name.words[0] for name in entry_names(knowledge) if len(name.words) == 1}):
        names[name[0]].append(name)
    heard = {sound(word): word for word in sorted(written, key=lambda word: said[word])}
    trusted = {
        word
        for word, count in said.items()
        if word in common
        or word in written
        or (count >= _TRUSTED and not _is_slip(word, (*_heard_as(word, heard), *names[word[0]]), said))
    }
    return {word: written[word] + said[word] for word in sorted(trusted | written.keys())}


def _heard_as(word: str, heard: Mapping[str, str]) -> tuple[str, ...]:
    """The word of ours that is heard like ``word``, when it is not just another vowel (``decade``, ``decide``)."""
    other = heard.get(sound(word), word)
    return (other,) if len(other) != len(word) or sorted(other) == sorted(word) else ()


def _is_slip(word: str, names: Iterable[str], said: Mapping[str, int]) -> bool:
    """Whether ``word`` is one slip away from one of ``names`` that is said :data:`_FAR_MORE` times as often."""
    near = (name for name in names if name[0] == word[0] and abs(len(name) - len(word)) <= 1 and len(name) > MIN_FUZZY)
    return any(
        said.get(name, 0) >= _FAR_MORE * said[word] and singular(word) != name and OSA.distance(word, name) == 1
        for name in near
    )


def _tally(texts: Iterable[Words]) -> Counter[str]:
    return Counter(chain.from_iterable(frozenset(words.words) for words in texts))


def ordinary_words(knowledge: Knowledge, counts: Mapping[str, int], common: frozenset[str]) -> frozenset[str]:
    """Words that are never taken for a misspelt name: common ones, and those that the knowledge itself uses often."""
    often = {form for word, count in counts.items() if count >= 2 for form in (word, singular(word))}
    return common | often | frozenset(knowledge.vocabulary.ordinary)


def _facet_names(knowledge: Knowledge) -> frozenset[str]:
    """Aliases that are also wordings of a facet, as names are compared."""
    return frozenset(" ".join(name_words(text)) for texts in knowledge.vocabulary.facets.values() for text in texts)

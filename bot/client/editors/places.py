"""Entries, redirects and sources as somebody picks them: by autocomplete, by typing, and inside custom ids."""

from __future__ import annotations

from typing import Final

from bot.editing.citing import find_sources
from bot.editing.model import Place, Subject, value_in
from bot.knowledge.model import Knowledge
from bot.knowledge.prose import fold

_LETTERS: Final = {Subject.ENTRY: "e", Subject.REDIRECT: "r", Subject.SOURCE: "s"}
_SUBJECTS: Final = {letter: subject for subject, letter in _LETTERS.items()}
_WORDS: Final = {Subject.ENTRY: "", Subject.REDIRECT: "redirect:", Subject.SOURCE: "source:"}


def coded(place: Place) -> tuple[str, str]:
    """A place as two arguments of a custom id."""
    return _LETTERS[place.subject], place.key


def decoded(letter: str, key: str) -> Place:
    """The reverse of :func:`coded`. Raises ``ValueError`` for what is none."""
    if letter not in _SUBJECTS:
        raise ValueError(letter)
    return Place(_SUBJECTS[letter], key)


def option_value(place: Place) -> str:
    """A place as an autocomplete choice: ``lithium``, ``redirect:personal-dose``, ``source:nice-ng222``."""
    return f"{_WORDS[place.subject]}{place.key}"[:100]


def found(knowledge: Knowledge, typed: str, first: tuple[str, ...] = (), limit: int = 25) -> tuple[Place, ...]:
    """Places whose names fit what was typed: ``first`` are entries found already, best first."""
    wanted = fold(typed.partition(":")[2] if typed.startswith(("redirect:", "source:")) else typed)
    places = [Place(Subject.ENTRY, key) for key in first if not typed.startswith(("redirect:", "source:"))]
    if not typed.startswith("source:"):
        places += [
            Place(Subject.REDIRECT, key)
            for key, one in knowledge.redirects.items()
            if wanted in fold(f"{key.replace('-', ' ')} {one.title}")
        ][:8]
    if wanted:
        places += [Place(Subject.SOURCE, key) for key in find_sources(knowledge.sources, wanted, 10)]
    return tuple(dict.fromkeys(places))[:limit]


def named(knowledge: Knowledge, text: str) -> Place | None:
    """The place of an autocomplete choice, of an id, or of exactly one title or name."""
    text = text.strip()
    for subject, word in _WORDS.items():
        if word and text.startswith(word):
            place = Place(subject, text.removeprefix(word))
            return place if value_in(knowledge, place) is not None else None
    if text in knowledge.entries:
        return Place(Subject.ENTRY, text)
    names = {
        fold(name): Place(Subject.ENTRY, key)
        for key, one in reversed(list(knowledge.entries.items()))
        for name in (*one.aliases, one.title)
    }
    known = names.get(fold(text))
    if known is not None:
        return known
    redirects = {fold(one.title): Place(Subject.REDIRECT, key) for key, one in knowledge.redirects.items()}
    if text in knowledge.redirects:
        return Place(Subject.REDIRECT, text)
    if text in knowledge.sources:
        return Place(Subject.SOURCE, text)
    return redirects.get(fold(text))

"""Patterns over words: how a moderator writes them, and what is made of it.

A pattern is written as a moderator would say it: ``want to die``, with ``{group}`` for any word of a group,
``a/b`` for either word, ``(one thing | another)`` for either phrase, ``word?`` and ``( … )?`` for what may be
missing, ``..`` for up to two and ``...`` for up to five words in between, ``^`` and ``$`` for the start and the end
of a sentence, ``#`` for a number. Fillers are skipped in messages and patterns alike, and no pattern crosses the
end of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.answering.safety.reading import NUMBER, NUMBERS, Reader

_GAPS: Final = {"..": 2, "...": 5}


class PatternError(Exception):
    """A pattern that cannot be understood; says what to correct."""


@dataclass(frozen=True, slots=True)
class One:
    """Any one of these words."""

    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Gap:
    """Up to ``most`` other words."""

    most: int


@dataclass(frozen=True, slots=True)
class Either:
    """One of several phrases, or nothing when ``optional``."""

    phrases: tuple[tuple[Part, ...], ...]
    optional: bool


Part = One | Gap | Either


@dataclass(frozen=True, slots=True)
class Pattern:
    """Parts in order; ``first`` and ``last`` pin them to the start and the end of a sentence."""

    parts: tuple[Part, ...]
    first: bool = False
    last: bool = False


def words_of(patterns: Iterable[str]) -> Iterator[str]:
    """Every plain word that the patterns use, groups aside."""
    for pattern in patterns:
        for part in re.sub(r"[()|]", " ", pattern).split():
            for word in part.rstrip("?").split("/"):
                if word not in ("^", "$", NUMBER, "", *_GAPS) and not word.startswith("{"):
                    yield word


def compile_pattern(text: str, groups: Mapping[str, Sequence[str]], reader: Reader) -> tuple[Pattern, ...]:
    """What a written pattern stands for; several when its beginning may be missing. Raises :class:`PatternError`."""
    written = _split(text, " ")
    first, last = written[:1] == ["^"], written[-1:] == ["$"]
    parts = tuple(_parts([part for part in written if part not in ("^", "$")], groups, reader))
    variants = list(_without_leading_options(parts))
    if not variants:
        raise PatternError(f"'{text}' has no word of weight")
    return tuple(Pattern(variant, first, last) for variant in variants)


def _split(text: str, at: str) -> list[str]:
    """``text`` cut at a sign that stands outside brackets; empty pieces are left out."""
    if "(" not in text and ")" not in text:
        return [piece for piece in map(str.strip, text.split(at)) if piece]
    pieces, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            raise PatternError(f"'{text}' closes a bracket that is not open")
        if sign == at and not depth:
            pieces.append(text[start:place].strip())
            start = place + 1
    if depth:
        raise PatternError(f"'{text}' has a bracket that is not closed")
    return [piece for piece in (*pieces, text[start:].strip()) if piece]


def _without_leading_options(parts: tuple[Part, ...]) -> Iterator[tuple[Part, ...]]:
    while parts and isinstance(parts[0], Gap):
        parts = parts[1:]
    while parts and isinstance(parts[-1], Gap):
        parts = parts[:-1]
    if not parts:
        return
    head = parts[0]
    if isinstance(head, Either) and head.optional:
        yield from _without_leading_options((Either(head.phrases, False), *parts[1:]))
        yield from _without_leading_options(parts[1:])
    elif isinstance(head, Either) and len(head.phrases) == 1:
        yield (*head.phrases[0], *parts[1:])
    else:
        yield parts


def _parts(written: Sequence[str], groups: Mapping[str, Sequence[str]], reader: Reader) -> Iterator[Part]:
    for part in written:
        if part in _GAPS:
            yield Gap(_GAPS[part])
        elif part.startswith("("):
            yield from _either(part, groups, reader)
        elif part.endswith("?"):
            inner = tuple(_parts([part[:-1]], groups, reader))
            if inner:
                yield Either((inner,), True)
        elif part == NUMBER:
            yield One(NUMBERS)
        elif part == f"{NUMBER}many":
            yield One(NUMBERS - {NUMBER})
        elif "/" in part or part.startswith("{"):
            yield One(frozenset(_choices(part, groups, reader)))
        elif "(" in part or ")" in part or "|" in part:
            raise PatternError(f"'{part}' has a bracket or bar that does not belong there")
        else:
            yield from (One(frozenset((word,))) for word in reader.spell(part))


def _either(part: str, groups: Mapping[str, Sequence[str]], reader: Reader) -> Iterator[Part]:
    """A bracket's phrases; single words become one part, a phrase of nothing but fillers is left out."""
    optional = part.endswith("?")
    singles: set[str] = set()
    longer: list[tuple[Part, ...]] = []
    for choice in _split(part.rstrip("?")[1:-1], "|"):
        phrase = tuple(_parts(_split(choice, " "), groups, reader))
        if not phrase:
            continue
        if len(phrase) == 1 and isinstance(phrase[0], One):
            singles |= phrase[0].words
        else:
            longer.append(phrase)
    phrases = [*longer, *([(One(frozenset(singles)),)] if singles else [])]
    if len(phrases) == 1 and not optional:
        yield from phrases[0]
    elif phrases:
        yield Either(tuple(dict.fromkeys(phrases)), optional)


def _choices(part: str, groups: Mapping[str, Sequence[str]], reader: Reader) -> Iterator[str]:
    for choice in part.split("/"):
        if choice.startswith("{"):
            if choice[1:-1] not in groups:
                raise PatternError(f"there is no group {choice}")
            yield from groups[choice[1:-1]]
        elif choice == NUMBER:
            yield from NUMBERS
        elif len(spelled := reader.spell(choice)) == 1:
            yield spelled[0]
        elif spelled:
            raise PatternError(f"'{choice}' is spelled as {len(spelled)} words and cannot stand in a choice of words")

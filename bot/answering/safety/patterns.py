"""Patterns over words, matched on all places of a message at once.

A pattern is written as a moderator would say it: ``want to die``, with ``{group}`` for any word of a group,
``a/b`` for either, ``word?`` for a word that may be missing, ``..`` for up to two and ``...`` for up to five words
in between, ``^`` and ``$`` for the start and the end of a sentence, ``#`` for a number, ``( … | … )`` for either
of two phrases. Fillers are skipped in messages and patterns alike, and no pattern crosses the end of a sentence.

Each word's places are the bits of one integer. Following a pattern is shifting and masking those integers: the
time depends on the number of pattern parts, never on how often they nearly match, so no message can blow it up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from bot.answering.safety.reading import NUMBER, Reader, Reading

_GAPS: Final = {"..": 2, "...": 5}
_MOST_VARIANTS: Final = 256
_MOST_FOUND: Final = 6


class PatternError(Exception):
    """A pattern that cannot be understood; says what to correct."""


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a pattern: any of ``words``, after at most ``gap`` other words."""

    words: frozenset[str]
    gap: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line of parts; ``first`` and ``last`` pin it to the start and the end of a sentence."""

    steps: tuple[Step, ...]
    first: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Where a pattern stands: the first and last word, and the words between that are its own."""

    start: int
    end: int


def words_of(patterns: Iterable[str], groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Every plain word that the patterns use, groups aside."""
    for pattern in patterns:
        for part in re.sub(r"[()|]", " ", pattern).split():
            for word in part.removesuffix("?").split("/"):
                if word not in ("^", "$", "#", "", *_GAPS) and not word.startswith("{"):
                    yield word


def compile_pattern(text: str, groups: Mapping[str, Sequence[str]], reader: Reader) -> tuple[Pattern, ...]:
    """All plain lines that a written pattern stands for. Raises :class:`PatternError`."""
    lines = [""]
    for part in re.split(r"(\([^()]*\))", text):
        choices = [choice.strip() for choice in part[1:-1].split("|")] if part.startswith("(") else [part]
        lines = [f"{line} {choice}" for line, choice in product(lines, choices)]
    compiled = [pattern for line in lines for pattern in _compile_line(line, groups, reader)]
    if not compiled or len(compiled) > _MOST_VARIANTS:
        raise PatternError(f"'{text}' stands for {len(compiled)} patterns; write it as several")
    return tuple(dict.fromkeys(compiled))


def _compile_line(text: str, groups: Mapping[str, Sequence[str]], reader: Reader) -> Iterator[Pattern]:
    parts = text.split()
    first, last = parts[:1] == ["^"], parts[-1:] == ["$"]
    parts = [part for part in parts if part not in ("^", "$")]
    optional = [at for at, part in enumerate(parts) if part.endswith("?") and len(part) > 1]
    if len(optional) > 6:
        raise PatternError(f"'{text}' has more than six words that may be missing")
    for kept in product((True, False), repeat=len(optional)):
        dropped = {at for at, keep in zip(optional, kept, strict=True) if not keep}
        chosen = [part.removesuffix("?") if len(part) > 1 else part for at, part in enumerate(parts) if at not in dropped]
        steps = tuple(_steps(chosen, groups, reader))
        if steps:
            yield Pattern(steps, first, last)


def _steps(parts: Sequence[str], groups: Mapping[str, Sequence[str]], reader: Reader) -> Iterator[Step]:
    gap = 0
    for part in parts:
        if part in _GAPS:
            gap = _GAPS[part]
            continue
        if part == NUMBER:
            yield Step(frozenset((NUMBER, f"{NUMBER}teen")), gap)
            gap = 0
            continue
        if "/" not in part and not part.startswith("{"):
            for word in reader.spell(part):
                yield Step(frozenset((word,)), gap)
                gap = 0
            continue
        yield Step(frozenset(_choices(part, groups, reader)), gap)
        gap = 0


def _choices(part: str, groups: Mapping[str, Sequence[str]], reader: Reader) -> Iterator[str]:
    for choice in part.split("/"):
        if choice.startswith("{"):
            if choice[1:-1] not in groups:
                raise PatternError(f"there is no group {choice}")
            yield from groups[choice[1:-1]]
        elif len(spelled := reader.spell(choice)) == 1:
            yield spelled[0]
        else:
            raise PatternError(f"'{choice}' is spelled as {len(spelled)} words and cannot stand in a choice")


class Book:
    """Patterns by number, arranged so that a message only meets those whose rarest part it holds."""

    def __init__(self, owned: Sequence[tuple[int, Pattern]], common: Mapping[str, int]) -> None:
        atoms: dict[frozenset[str], int] = {}
        self._lines: list[tuple[int, tuple[tuple[int, int], ...], int, bool, bool]] = []
        self._anchored: dict[str, list[int]] = {}
        merged: dict[Pattern, set[int]] = {}
        for owner, pattern in owned:
            merged.setdefault(pattern, set()).add(owner)
        for pattern, owners in merged.items():
            steps = tuple((atoms.setdefault(step.words, len(atoms)), step.gap) for step in pattern.steps)
            needs = 0
            for atom, _ in steps:
                needs |= 1 << atom
            rarest = min(pattern.steps, key=lambda step: (sum(common.get(word, 1) for word in step.words), sorted(step.words)))
            for owner in owners:
                for word in rarest.words:
                    self._anchored.setdefault(word, []).append(len(self._lines))
                self._lines.append((owner, steps, needs, pattern.first, pattern.last))
        self._atoms_of: dict[str, tuple[int, ...]] = {}
        for words, atom in atoms.items():
            for word in words:
                self._atoms_of[word] = (*self._atoms_of.get(word, ()), atom)
        self._bits_of = {word: sum(1 << atom for atom in own) for word, own in self._atoms_of.items()}
        self._anchors = {word: tuple(lines) for word, lines in self._anchored.items()}

    def find(self, reading: Reading) -> dict[int, list[Found]]:
        """The owners whose patterns the message holds, with the places."""
        anchors = self._anchors
        awake = [anchors[word] for word in set(reading.words) if word in anchors]
        if not awake:
            return {}
        return self._follow(reading, sorted(set().union(*awake)))

    def _follow(self, reading: Reading, lines: list[int]) -> dict[int, list[Found]]:
        words = set(reading.words)
        present = 0
        for word in words:
            present |= self._bits_of.get(word, 0)
        hopeful = [line for line in lines if self._lines[line][2] & present == self._lines[line][2]]
        if not hopeful:
            return {}
        masks = self._masks(reading)
        inner, found = ~reading.starts, {}
        for line in hopeful:
            owner, steps, _, first, last = self._lines[line]
            places = _places(steps, masks, inner, reading.starts if first else -1, reading.ends if last else -1)
            if places:
                found.setdefault(owner, []).extend(places)
        return found

    def _masks(self, reading: Reading) -> dict[int, int]:
        by_word: dict[str, int] = {}
        bit = 1
        for word in reading.words:
            by_word[word] = by_word.get(word, 0) | bit
            bit <<= 1
        masks: dict[int, int] = {}
        for word, places in by_word.items():
            for atom in self._atoms_of.get(word, ()):
                masks[atom] = masks.get(atom, 0) | places
        return masks


def _places(steps: tuple[tuple[int, int], ...], masks: Mapping[int, int], inner: int, first: int, last: int) -> list[Found]:
    """Where a line of parts stands, at most six places."""
    state = masks[steps[0][0]] & first
    trail = [state]
    for atom, gap in steps[1:]:
        state = (state << 1) & inner
        for _ in range(gap):
            state |= (state << 1) & inner
        state &= masks[atom]
        if not state:
            return []
        trail.append(state)
    state &= last
    found: list[Found] = []
    while state and len(found) < _MOST_FOUND:
        bit = state & -state
        state ^= bit
        found.append(Found(_start_of(bit, steps, trail), bit.bit_length() - 1))
    return found


def _start_of(bit: int, steps: tuple[tuple[int, int], ...], trail: list[int]) -> int:
    for at in range(len(steps) - 1, 0, -1):
        reach = bit >> 1
        for _ in range(steps[at][1]):
            reach |= reach >> 1
        reach &= trail[at - 1]
        bit = 1 << (reach.bit_length() - 1) if reach else bit
    return bit.bit_length() - 1

"""Where patterns stand in a message, on all its places at once.

Each word's places are the bits of one integer. Following a pattern is shifting and masking such integers: the time
depends on the length of the pattern, never on how often it nearly matches, so no message can blow it up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

from bot.answering.safety.patterns import Either, Gap, One, Part, Pattern
from bot.answering.safety.reading import Reading

_MOST_FOUND: Final = 4


@dataclass(frozen=True, slots=True)
class Found:
    """Where a pattern stands: its first and last word, and whether it has a negation of its own."""

    start: int
    end: int
    negative: bool = False


_WORD, _GAP, _EITHER = 0, 1, 2
Code = tuple[tuple[int, Any, bool], ...]
"""Compiled parts: (word, group number, first of all), (gap, most, –), (either, phrases, optional)."""


Line = tuple[tuple[int, ...], Code, int, bool, bool, bool, tuple[tuple[int, ...], ...]]
"""Owners, code, parts needed (as bits), first, last, own negation, and of each choice the parts each phrase needs."""


def _needs(code: Code) -> int:
    return sum({1 << value for kind, value, _ in code if kind == _WORD and isinstance(value, int)})


def _choices_of(code: Code) -> tuple[tuple[int, ...], ...]:
    return tuple(
        tuple(_needs(phrase) for phrase in value)
        for kind, value, optional in code
        if kind == _EITHER and not optional and isinstance(value, tuple)
    )


def _all_possible(choices: tuple[tuple[int, ...], ...], present: int) -> bool:
    for needs in choices:
        for need in needs:
            if need & present == need:
                break
        else:
            return False
    return True


def _has(parts: Sequence[Part], words: frozenset[str]) -> bool:
    for part in parts:
        if isinstance(part, One) and part.words & words:
            return True
        if isinstance(part, Either) and any(_has(phrase, words) for phrase in part.phrases):
            return True
    return False


class Book:
    """Patterns by owner, arranged so that a message only meets those whose rarest part it holds."""

    def __init__(
        self, owned: Iterable[tuple[int, Pattern]], common: Mapping[str, int], negations: frozenset[str] = frozenset()
    ) -> None:
        self._atoms: dict[frozenset[str], int] = {}
        self._common = common
        self._lines: list[Line] = []
        anchored: dict[str, list[int]] = {}
        merged: dict[Pattern, set[int]] = {}
        for owner, pattern in owned:
            merged.setdefault(pattern, set()).add(owner)
        for pattern, owners in merged.items():
            for word in self._rarest(pattern.parts)[1]:
                anchored.setdefault(word, []).append(len(self._lines))
            code = self._code(pattern.parts, True)
            needs = _needs(code)
            self._lines.append(
                (
                    tuple(sorted(owners)),
                    code,
                    needs,
                    pattern.first,
                    pattern.last,
                    _has(pattern.parts, negations),
                    _choices_of(code),
                )
            )
        atoms_of: dict[str, list[int]] = {}
        for words, atom in self._atoms.items():
            for word in words:
                atoms_of.setdefault(word, []).append(atom)
        self._words_of = {atom: words for words, atom in self._atoms.items()}
        self._bits_of = {word: sum(1 << atom for atom in atoms) for word, atoms in atoms_of.items()}
        self._anchors = {word: tuple(lines) for word, lines in anchored.items()}

    def _rarest(self, parts: Sequence[Part]) -> tuple[int, frozenset[str]]:
        """The part that the fewest messages hold, as its cost and the words that announce it."""
        best: tuple[int, frozenset[str]] = (10**9, frozenset())
        for part in parts:
            if isinstance(part, One):
                found = (sum(self._common.get(word, 1) for word in part.words), part.words)
            elif isinstance(part, Either) and not part.optional:
                each = [self._rarest(phrase) for phrase in part.phrases]
                found = (sum(cost for cost, _ in each), frozenset().union(*(words for _, words in each)))
            else:
                continue
            best = min(best, found, key=lambda one: one[0])
        return best

    def _code(self, parts: Sequence[Part], first: bool) -> Code:
        code: list[tuple[int, int | tuple[Code, ...], bool]] = []
        for part in parts:
            match part:
                case One(words):
                    code.append((_WORD, self._atoms.setdefault(words, len(self._atoms)), first))
                case Gap(most):
                    code.append((_GAP, most, False))
                case Either(phrases, optional):
                    code.append((_EITHER, tuple(self._code(phrase, first) for phrase in phrases), optional))
            first = False
        return tuple(code)

    def hopeful(self, words: Set[str]) -> list[Line]:
        """The patterns of which a message with these words has every part that cannot be missing."""
        anchors = self._anchors
        awake = [anchors[word] for word in words if word in anchors]
        if not awake:
            return []
        present, bits = 0, self._bits_of
        for word in words:
            if word in bits:
                present |= bits[word]
        lines = self._lines
        numbers = set().union(*awake) if len(awake) > 1 else awake[0]
        found = [lines[at] for at in sorted(numbers) if lines[at][2] & present == lines[at][2]]
        return [line for line in found if not line[6] or _all_possible(line[6], present)]

    def find(self, reading: Reading) -> dict[int, list[Found]]:
        """The owners whose patterns the message holds, with the places."""
        lines = self.hopeful(set(reading.words))
        return self.follow(reading, lines) if lines else {}

    def follow(self, reading: Reading, lines: Iterable[Line]) -> dict[int, list[Found]]:
        """Where these patterns stand in the message."""
        masks = self._masks(reading)
        anywhere = (1 << len(reading.words)) - 1
        inner = anywhere & ~reading.starts
        found: dict[int, list[Found]] = {}
        for owners, code, _, first, last, negative, _ in lines:
            ends = _forward(code, reading.starts if first else anywhere, masks, inner) >> 1
            if last:
                ends &= reading.ends
            if ends:
                places = list(_places(ends, code, masks, inner, negative))
                for owner in owners:
                    found.setdefault(owner, []).extend(places)
        return found

    def _masks(self, reading: Reading) -> dict[int, int]:
        by_word: dict[str, int] = {}
        bit = 1
        for word in reading.words:
            by_word[word] = by_word.get(word, 0) | bit
            bit <<= 1
        return _Masks(by_word, self._words_of)


class _Masks(dict[int, int]):
    """The places of each part, worked out when first asked for: a message needs few of them."""

    def __init__(self, by_word: Mapping[str, int], words_of: Mapping[int, frozenset[str]]) -> None:
        super().__init__()
        self._by_word, self._words_of = by_word, words_of

    def __missing__(self, atom: int) -> int:
        wanted, places = self._words_of[atom], 0
        by_word = self._by_word
        if len(wanted) < len(by_word):
            for word in wanted:
                if word in by_word:
                    places |= by_word[word]
        else:
            for word, own in by_word.items():
                if word in wanted:
                    places |= own
        self[atom] = places
        return places


def _forward(code: Code, state: int, masks: Mapping[int, int], inner: int) -> int:
    """The places right behind the code, when it begins at a bit of ``state``."""
    for kind, value, flag in code:
        if kind == _WORD:
            state &= masks[value]
            if not flag:
                state &= inner
            if not state:
                return 0
            state <<= 1
        elif kind == _GAP:
            for _ in range(value):
                state |= (state & inner) << 1
        else:
            reached = state if flag else 0
            for phrase in value:
                reached |= _forward(phrase, state, masks, inner)
            state = reached
            if not state:
                return 0
    return state


def _backward(code: Code, state: int, masks: Mapping[int, int], inner: int) -> tuple[int, int]:
    """The places right before the code when it ends at a bit of ``state``, and the places of its first word."""
    heads = 0
    for kind, value, flag in reversed(code):
        if kind == _WORD:
            heads = state & masks[value]
            state = (heads & inner) >> 1
        elif kind == _GAP:
            for _ in range(value):
                state |= (state & inner) >> 1
        else:
            reached = state if flag else 0
            heads = 0
            for phrase in value:
                before, head = _backward(phrase, state, masks, inner)
                reached |= before
                heads |= head
            state = reached
    return state, heads


def _places(ends: int, code: Code, masks: Mapping[int, int], inner: int, negative: bool) -> Iterator[Found]:
    for _ in range(_MOST_FOUND):
        if not ends:
            return
        bit = ends & -ends
        ends ^= bit
        _, heads = _backward(code, bit, masks, inner)
        end = bit.bit_length() - 1
        yield Found(heads.bit_length() - 1 if heads else end, end, negative)

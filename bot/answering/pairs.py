"""Taking one thing with another: who is meant, and what the combinations say, worst first.

A pair is looked up by itself, then by the classes of each side (sertraline + phenelzine from ssri + maoi).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.answering.text import singular, words_of
from bot.knowledge.model import Knowledge, Severity

_WORST_FIRST = list(Severity)


@dataclass(frozen=True, slots=True)
class Substances:
    """Names of things one may take, and what is known of their pairs."""

    names: Mapping[tuple[str, ...], str]
    starts: Mapping[str, int]
    """How many words the longest name has that begins with a word."""
    groups: Mapping[str, tuple[str, ...]]
    pairs: Mapping[frozenset[str], tuple[int, ...]]
    worst: Sequence[int]
    paired: frozenset[str]
    """Everything that some pair speaks of."""

    def found(self, words: Sequence[str]) -> tuple[tuple[int, str], ...]:
        """Substances without an entry that are named in ``words``: place and key."""
        hits: list[tuple[int, str]] = []
        place = 0
        while place < len(words):
            size = self.length(words, place)
            if size:
                hits.append((place, self._key(words[place : place + size]) or ""))
            place += max(size, 1)
        return tuple(hits)

    def length(self, words: Sequence[str], place: int) -> int:
        """How many words the longest name takes that starts at ``place``; 0 when none does."""
        word = words[place]
        longest = max(self.starts.get(word, 0), self.starts.get(singular(word), 0))
        sizes = range(min(longest, len(words) - place), 0, -1)
        return next((size for size in sizes if self._key(words[place : place + size])), 0)

    def _key(self, words: Sequence[str]) -> str | None:
        return self.names.get(tuple(words)) or self.names.get(tuple(map(singular, words)))

    def rows(self, left: str, right: str) -> tuple[int, ...]:
        """Positions of the pairs that apply, the pair itself before its classes, then the most severe first."""
        exact = self.pairs.get(frozenset((left, right)), ())
        wider = [
            row
            for a in (left, *self.groups.get(left, ()))
            for b in (right, *self.groups.get(right, ()))
            if {a, b} != {left, right}
            for row in self.pairs.get(frozenset((a, b)), ())
        ]
        ordered = sorted(dict.fromkeys(wider), key=lambda row: self.worst[row])
        return tuple(dict.fromkeys((*sorted(exact, key=lambda row: self.worst[row]), *ordered)))


def build_substances(knowledge: Knowledge) -> Substances:
    """Index the combinations."""
    combinations = knowledge.combinations
    names = {
        tuple(map(singular, words_of(text).words)): key
        for key, texts in combinations.names.items()
        for text in (key, *texts)
    }
    starts: dict[str, int] = {}
    for words in filter(None, names):
        starts[words[0]] = max(starts.get(words[0], 0), len(words))
    groups: dict[str, list[str]] = {}
    for group, members in combinations.members.items():
        for member in members:
            groups.setdefault(member, []).append(group)
    pairs: dict[frozenset[str], list[int]] = {}
    for row, pair in enumerate(combinations.pairs):
        pairs.setdefault(frozenset(pair.between), []).append(row)
    return Substances(
        names={words: key for words, key in names.items() if words},
        starts=starts,
        groups={member: tuple(found) for member, found in groups.items()},
        pairs={key: tuple(rows) for key, rows in pairs.items()},
        worst=[_WORST_FIRST.index(pair.severity) for pair in combinations.pairs],
        paired=frozenset(side for pair in combinations.pairs for side in pair.between),
    )

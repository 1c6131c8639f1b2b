"""What experience says of a message: the weights of its words and of the concepts that stand close together.

The rules hear what somebody thought of beforehand. Beside them stands a plain linear score, learned from labelled
messages by ``python -m bot.evaluation.safety_learning`` and kept as data (``knowledge/safety/weights.json``): each
word is replaced by its concept (``{pills}``, ``{took}``, ``{die}`` …; a word of no group by its stem), and the
concepts, their neighbours and their next but one neighbours each add a weight. Nothing but addition happens here,
so that every verdict can be taken apart: :meth:`Learned.reasons` names what weighed most.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.answering.safety.reading import UNKNOWN, Reader
from bot.knowledge.safety_model import Weights

HEADS: Final = ("alarm", "heavy", "emergency", "other")
"""What is scored: alarm against none; distress or more against none; and of alarms: emergency, about another."""

CONCEPTS: Final = tuple(
    [
        "speaker",
        "listener",
        "not",
        "suicide",
        "selfharm",
        "pills",
        "drug",
        "took",
        "taking",
        "much",
        "gun",
        "rope",
        "blade",
        "ledge",
        "height",
        "place",
        "person",
        "other",
        "abuser",
        "blood",
        "body",
        "die",
        "kill",
        "cut",
        "harm",
        "violence",
        "sexual",
        "hot",
        "mind",
        "stiff",
        "heart",
        "gut",
        "wobble",
        "voices",
        "watchers",
        "goodbye",
        "daytime",
        "time",
        "bad",
        "tired",
        "alone",
        "thinking",
        "want",
        "will",
        "plan",
        "stop",
        "stay",
        "life",
        "live",
        "lifeless",
        "child",
        "onset",
        "act",
        "bodily",
        "self",
        "do",
        "thing",
    ]
)
"""The groups of words.yaml that serve as concepts; a word belongs to the first that holds it."""

_ENDINGS: Final = ("ing", "edly", "ed", "es", "s", "ly")
_SHORTEST_STEM: Final = 4
WINDOW: Final = 90
"""Words of a message that are read as one."""
_STEP: Final = 60
EDGE: Final = "|"
"""Stands for the beginning and the end of a message."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The four scores of one message, as log odds: above 0 means more likely than not."""

    alarm: float
    heavy: float
    emergency: float
    other: float


SILENT: Final = Scores(-99.0, -99.0, -99.0, -99.0)
"""What a message scores when nothing was learned."""


def stem(word: str) -> str:
    """``word`` without a common ending, when enough is left."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def concepts_of(groups: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The concept of each word that has one."""
    concepts: dict[str, str] = {}
    for name in CONCEPTS:
        for word in groups.get(name, ()):
            concepts.setdefault(word, f"{{{name}}}")
    return concepts


def features(concepts: Sequence[str]) -> set[str]:
    """Concepts, neighbours (``a b``), and next but one neighbours (``a _ b``) of one message."""
    framed = (EDGE, *concepts, EDGE)
    found = set(concepts)
    found.update(f"{one} {two}" for one, two in zip(framed, framed[1:], strict=False))
    found.update(f"{one} _ {two}" for one, two in zip(framed, framed[2:], strict=False))
    return found


def stretches(concepts: Sequence[str]) -> list[Sequence[str]]:
    """Overlapping parts of a long message, each read by itself: one sentence counts, whatever stands around it."""
    return [concepts[at : at + WINDOW] for at in range(0, max(1, len(concepts) - WINDOW + _STEP), _STEP)]


def damping(count: int) -> float:
    """What the sum of ``count`` weights is multiplied by: long messages do not outweigh short ones."""
    return float(count**-0.25) if count else 0.0


class Conceptual:
    """Turns the tokens of a message into concepts; remembers the words that it met at the start."""

    def __init__(self, groups: Mapping[str, Sequence[str]], spellings: Mapping[str, str], reader: Reader) -> None:
        self._concepts = concepts_of(groups)
        self._spellings = {short: tuple(long.split()) for short, long in spellings.items() if "#" not in long}
        self._reader = reader
        self._table: dict[str, tuple[str, ...]] = {}
        for word in (*self._concepts, *self._spellings):
            self._table[word] = self._settle(word)

    def teach(self, words: Iterable[str]) -> None:
        """Words that the weights name: they are taken as they are."""
        for word in words:
            self._table.setdefault(word, self._settle(word))

    def of(self, tokens: Iterable[str]) -> list[str]:
        """The concepts of folded tokens, in order."""
        get = self._table.get
        found: list[str] = []
        for token in tokens:
            known = get(token)
            found += self._strange(token) if known is None else known
        return found

    def _settle(self, word: str) -> tuple[str, ...]:
        concepts = self._concepts
        return tuple(concepts.get(part) or stem(part) for part in self._spellings.get(word, (word,)))

    def _strange(self, token: str) -> tuple[str, ...]:
        if token.isdigit():
            return ("#",)
        if not token.isalpha() or not token.isascii():
            if len(token) == 1 or not token[0].isalnum():
                return (token[:1],)
        words = self._reader.resolve(token)
        if not words or UNKNOWN in words:
            return (self._concepts.get(token) or stem(token),)
        return tuple(self._concepts.get(word) or stem(word) for word in words)


class Learned:
    """The weights, ready to score."""

    def __init__(
        self, weights: Weights, groups: Mapping[str, Sequence[str]], spellings: Mapping[str, str], reader: Reader
    ) -> None:
        self._conceptual = Conceptual(groups, spellings, reader)
        self._conceptual.teach(weights.words)
        self._weights = weights.features
        self._bias = weights.bias
        self.limits = weights.limits

    def scores(self, tokens: Sequence[str]) -> Scores:
        """The scores of one message; of a long one, those of its most alarming stretch."""
        if not self._weights:
            return SILENT
        concepts = self._conceptual.of(tokens)
        if len(concepts) <= WINDOW:
            return self._scores(concepts)
        return max(map(self._scores, stretches(concepts)), key=lambda one: one.alarm)

    def _scores(self, concepts: Sequence[str]) -> Scores:
        found = features(concepts)
        weights = self._weights
        hits = [weights[one] for one in found if one in weights]
        share, bias = damping(len(found)), self._bias
        if not hits:
            return Scores(*bias)
        sums = [start + share * total for start, total in zip(bias, map(sum, zip(*hits, strict=True)), strict=True)]
        return Scores(*sums)

    def reasons(self, tokens: Sequence[str], most: int = 5) -> tuple[str, ...]:
        """The features that speak most for an alarm, the weightiest first."""
        found = features(self._conceptual.of(tokens))
        heavy = sorted((-self._weights[one][0], one) for one in found if one in self._weights)
        return tuple(name for weight, name in heavy[:most] if weight < 0)

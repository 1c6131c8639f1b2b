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
from itertools import pairwise, repeat
from typing import Final

from bot.answering.safety.reading import UNKNOWN, Draft
from bot.knowledge.safety_model import Weights

HEADS: Final = ("alarm", "heavy", "emergency", "other")
"""What is scored: alarm against none; distress or more against none; and of alarms: emergency, about another."""

CONCEPTS: Final = (
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
)
"""The groups of words.yaml that serve as concepts; a word belongs to the first that holds it."""

_ENDINGS: Final = ("ing", "edly", "ed", "es", "s", "ly")
_SHORTEST_STEM: Final = 4
WINDOW: Final = 90
"""Words of a message that are read as one."""
_STEP: Final = 60
_SIGNS: Final = frozenset("?!…\n💊🔪🩸🪦🔫💀😂🤣🪢🗡😹")
_NOISE: Final = frozenset(("hey", "hi", "hello", "bot", "pls", "plz", "please", "guys", "bro", "bruh", "dude", "u200d"))
"""Words of address: they say nothing, and must not make a message longer."""
EDGE: Final = "|"
"""Stands for the beginning and the end of a message."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The four scores of one message, as log odds: above 0 means more likely than not."""

    alarm: float
    heavy: float
    emergency: float
    other: float


_ZEROS: Final = repeat(0j)

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
    found.update(map(" ".join, pairwise(framed)))
    found.update(map(" _ ".join, zip(framed, framed[2:], strict=False)))
    return found


def stretches(concepts: Sequence[str]) -> list[Sequence[str]]:
    """Overlapping parts of a long message, each read by itself: one sentence counts, whatever stands around it."""
    return [concepts[at : at + WINDOW] for at in range(0, max(1, len(concepts) - WINDOW + _STEP), _STEP)]


def damping(count: int) -> float:
    """What the sum of ``count`` weights is multiplied by: long messages do not outweigh short ones."""
    return float(count**-0.25) if count else 0.0


class Conceptual:
    """Turns the tokens of a message into concepts; remembers the words that it met at the start."""

    def __init__(self, groups: Mapping[str, Sequence[str]], spellings: Mapping[str, str]) -> None:
        self._concepts = concepts_of(groups)
        self._spellings = {short: tuple(long.split()) for short, long in spellings.items() if "#" not in long}
        self._table: dict[str, tuple[str, ...]] = {}
        for word in (*self._concepts, *self._spellings):
            self._table[word] = self._settle(word)
        self._table.update((word, ()) for word in _NOISE)

    def teach(self, words: Iterable[str]) -> None:
        """Words that the weights name: they are taken as they are."""
        for word in words:
            self._table.setdefault(word, self._settle(word))

    def of(self, draft: Draft) -> list[str]:
        """The concepts of a message, in order."""
        get = self._table.get
        found: list[str] = []
        for token, words in zip(draft.raw, draft.parts, strict=True):
            known = get(token)
            found += self._strange(token, words) if known is None else known
        return found

    def _settle(self, word: str) -> tuple[str, ...]:
        concepts = self._concepts
        return tuple(concepts.get(part) or stem(part) for part in self._spellings.get(word, (word,)))

    def _strange(self, token: str, words: tuple[str, ...]) -> tuple[str, ...]:
        if token.isdigit():
            return ("#",)
        if not token[0].isalnum():
            return (token[0],) if token[0] in _SIGNS else ()
        if not words or UNKNOWN in words:
            return (self._concepts.get(token) or stem(token),)
        return tuple(self._concepts.get(word) or stem(word) for word in words)


class Learned:
    """The weights, ready to score."""

    def __init__(self, weights: Weights, groups: Mapping[str, Sequence[str]], spellings: Mapping[str, str]) -> None:
        self._conceptual = Conceptual(groups, spellings)
        self._conceptual.teach(weights.words)
        self._grave, self._kinds = weights.grave, weights.kinds
        self._bias = weights.bias
        self.limits = weights.limits
        self._believed = weights.limits.get("alarm", 0.0)

    def scores(self, draft: Draft) -> Scores:
        """The scores of one message; of a long one, those of its most alarming stretch."""
        if not self._grave:
            return SILENT
        concepts = self._conceptual.of(draft)
        if len(concepts) <= WINDOW:
            return self._scores(concepts)
        return max(map(self._scores, stretches(concepts)), key=lambda one: one.alarm)

    def _scores(self, concepts: Sequence[str]) -> Scores:
        found = features(concepts)
        share, bias = damping(len(found)), self._bias
        grave = sum(map(self._grave.get, found, _ZEROS)) * share
        alarm, heavy = bias[0] + grave.real, bias[1] + grave.imag
        if alarm < min(0.0, self._believed):
            return Scores(alarm, heavy, -99.0, -99.0)
        kinds = sum(map(self._kinds.get, found, _ZEROS)) * share
        return Scores(alarm, heavy, bias[2] + kinds.real, bias[3] + kinds.imag)

    def reasons(self, draft: Draft, most: int = 5) -> tuple[str, ...]:
        """The features that speak most for an alarm, the weightiest first."""
        found = features(self._conceptual.of(draft))
        heavy = sorted((-self._grave[one].real, one) for one in found if one in self._grave)
        return tuple(name for weight, name in heavy[:most] if weight < 0)

"""What experience says of a message: the weights of its words and of the concepts that stand close together.

The rules hear what somebody thought of beforehand. Beside them stands a plain linear score, learned from labelled
messages by ``python -m bot.evaluation.safety_learning`` and kept as data (``knowledge/safety/weights.json``): each
word, its concept (``{pills}``, ``{took}``, ``{die}`` …; for a word of no group its stem) and the pairs of neighbours
of both add a weight. Nothing but addition happens here, so that every verdict can be taken apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, log2
from operator import itemgetter
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.model import Category
from bot.answering.safety.reading import UNKNOWN, Draft
from bot.knowledge.safety_model import Figures, Weights

KINDS: Final = (
    Category.MEDICAL,
    Category.OVERDOSE,
    Category.SELF_HARM,
    Category.ABUSE,
    Category.HARM_TO_OTHERS,
    Category.MANIA_PSYCHOSIS,
)
"""The kinds of danger that are told apart; what is none of them is heard as suicide."""
HEADS: Final = ("alarm", "heavy", "emergency", "other", *(kind.value for kind in KINDS))
"""What is scored: alarm against none; distress or more against none; and of alarms: emergency, about another, and
the kind of danger."""
_GRAVER: Final = HEADS.index(KINDS[0].value)
"""Where the heads end that make a verdict graver."""

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

_OF_DANGER: Final = frozenset(
    f"{{{name}}}"
    for name in (
        *("suicide", "selfharm", "pills", "took", "gun", "rope", "blade", "ledge", "abuser", "blood", "die", "kill"),
        *("cut", "harm", "violence", "sexual", "voices", "watchers", "goodbye", "lifeless", "life", "live"),
    )
)
"""The concepts that name a danger, a means, a leave-taking, or life itself."""

_ENDINGS: Final = ("ing", "edly", "ed", "es", "s", "ly")
_SHORTEST_STEM: Final = 4
WINDOW: Final = 90
"""Words of a message that are read as one."""
_STEP: Final = 60
CLAUSE: Final = 14
"""Words of a message that are heard once more by themselves when a danger is named among them."""
_CLAUSE_STEP: Final = 7
_EACH_DOUBLING: Final = 0.5
_MOST_CLAUSES: Final = 16
"""More are not heard by themselves: a message of nothing but such words must not hold up everybody else's."""
_SIGNS: Final = frozenset("?!…\n💊🔪🩸🪦🔫💀😂🤣🪢🗡😹")
_NOISE: Final = frozenset(("hey", "hi", "hello", "bot", "pls", "plz", "please", "guys", "bro", "bruh", "dude", "u200d"))
"""Words of address: they say nothing, and must not make a message longer."""
EDGE: Final = "|"
"""Stands for the beginning and the end of a message."""


Said = tuple[str, str]
"""A word of a message and its concept."""
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of one message, as log odds: above 0 means more likely than not. ``kind`` is the likeliest kind.

    ``names_danger`` says whether any word of danger stands in it at all.
    """

    alarm: float
    heavy: float
    emergency: float
    other: float
    kind: Category = Category.SUICIDE
    names_danger: bool = True


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


def features(said: Sequence[Said]) -> set[str]:
    """Words and concepts of one message, and the pairs of neighbours of each (``a b``).

    Of concepts also three in a row, and pairs with one or two words between them (``a~b``).
    """
    words, concepts = zip(*said, strict=True) if said else ((), ())
    found = {*words, *concepts}
    found.update(map(" ".join, zip(concepts, concepts[1:], concepts[2:], strict=False)))
    found.update(map("~".join, zip(concepts, concepts[2:], strict=False)))
    found.update(map("~".join, zip(concepts, concepts[3:], strict=False)))
    found.update(map(" ".join, zip((EDGE, *words), (*words, EDGE), strict=True)))
    found.update(map(" ".join, zip((EDGE, *concepts), (*concepts, EDGE), strict=True)))
    return found


def stretches(said: Sequence[Said]) -> list[Sequence[Said]]:
    """Overlapping parts of a long message, each read by itself: one sentence counts, whatever stands around it."""
    return [said[at : at + WINDOW] for at in range(0, max(1, len(said) - WINDOW + _STEP), _STEP)]


def clauses(said: Sequence[Said]) -> list[Sequence[Said]]:
    """Overlapping short parts of a message that is longer than one, those that name a danger: people say the gravest
    thing in passing, and all the rest of what they tell must not drown it. Of very many, the first and the last."""
    if len(said) <= CLAUSE:
        return []
    parts = (said[at : at + CLAUSE] for at in range(0, len(said) - CLAUSE + _CLAUSE_STEP, _CLAUSE_STEP))
    grave = [part for part in parts if _names_danger(part)]
    return grave if len(grave) <= _MOST_CLAUSES else grave[: _MOST_CLAUSES // 2] + grave[-(_MOST_CLAUSES // 2) :]


def _names_danger(said: Sequence[Said]) -> bool:
    return any(concept in _OF_DANGER for _, concept in said)


def damping(count: int) -> float:
    """What the sum of ``count`` weights is multiplied by: long messages do not outweigh short ones."""
    return float(count**-0.25) if count else 0.0


class Conceptual:
    """Turns the tokens of a message into words and concepts; remembers the words that it met at the start."""

    def __init__(self, groups: Mapping[str, Sequence[str]], spellings: Mapping[str, str]) -> None:
        self._concepts = concepts_of(groups)
        self._spellings = {short: tuple(long.split()) for short, long in spellings.items() if "#" not in long}
        self._table: dict[str, tuple[Said, ...]] = {}
        for word in (*self._concepts, *self._spellings):
            self._table[word] = self._settle(word)
        self._table.update((word, ()) for word in _NOISE)

    def teach(self, words: Iterable[str]) -> None:
        """Words that the weights name: they are taken as they are."""
        for word in words:
            self._table.setdefault(word, self._settle(word))

    def of(self, draft: Draft) -> list[Said]:
        """The words of a message with their concepts, in order."""
        get = self._table.get
        found: list[Said] = []
        for token, words in zip(draft.raw, draft.parts, strict=True):
            known = get(token)
            found += self._strange(token, words) if known is None else known
        return found

    def _said(self, word: str) -> Said:
        return word, self._concepts.get(word) or stem(word)

    def _settle(self, word: str) -> tuple[Said, ...]:
        return tuple(map(self._said, self._spellings.get(word, (word,))))

    def _strange(self, token: str, words: tuple[str, ...]) -> tuple[Said, ...]:
        if token.isdigit():
            return (("#", "#"),)
        if not token[0].isalnum():
            return ((token[0], token[0]),) if token[0] in _SIGNS else ()
        if not words or UNKNOWN in words:
            return (self._said(token),)
        return tuple(map(self._said, words))


class Learned:
    """The weights, ready to score."""

    def __init__(self, weights: Weights, groups: Mapping[str, Sequence[str]], spellings: Mapping[str, str]) -> None:
        self._conceptual = Conceptual(groups, spellings)
        self._conceptual.teach(weights.words)
        self._rows = {name: row for row, name in enumerate(weights.features)}
        self._weights = _table(weights.features) / np.float32(100)
        self._bias = np.asarray(weights.bias, dtype=np.float32)
        self.limits = weights.limits

    def scores(self, draft: Draft) -> Scores:
        """The scores of one message, raised by a clause in it that is more alarming by ``limits["clause"]`` and more.

        A clause only ever makes a verdict graver. The longer the message, the likelier that one alarms by accident:
        each doubling costs half of log odds.
        """
        if not self._rows:
            return SILENT
        said = self._conceptual.of(draft)
        whole = self._whole(said)
        alone = max(map(self._sums, clauses(said)), key=itemgetter(0), default=None)
        more = self.limits.get("clause", inf) + _EACH_DOUBLING * log2(max(len(said), CLAUSE) / CLAUSE)
        if alone is not None and alone[0] - more > whole[0]:
            kinds = whole if whole[0] > self.limits["alarm"] else alone
            whole = [alone[0] - more, *map(max, whole[1:_GRAVER], alone[1:_GRAVER]), *kinds[_GRAVER:]]
        return _scores(whole, _names_danger(said))

    def _whole(self, said: Sequence[Said]) -> list[float]:
        """The scores of each head for one message; of a long one, those of its most alarming stretch.

        The more stretches, the likelier it is that one alarms by accident: each doubling costs one of log odds.
        """
        if len(said) <= WINDOW:
            return self._sums(said)
        parts = stretches(said)
        sums = max(map(self._sums, parts), key=itemgetter(0))
        return [sums[0] - log2(len(parts)), *sums[1:]]

    def _sums(self, said: Sequence[Said]) -> list[float]:
        """The score of each head for one stretch."""
        found = features(said)
        rows = [row for row in map(self._rows.get, found) if row is not None]
        rows.sort()  # sums that do not hang on chance
        weight = np.add.reduce(self._weights.take(rows, 0))
        sums: list[float] = (weight * damping(len(found)) + self._bias).tolist()
        return sums


def _table(rows: Mapping[str, tuple[int, ...]]) -> Floats:
    if isinstance(rows, Figures):
        return np.asarray(rows.figures, dtype=np.float32).reshape(-1, rows.width)
    return np.asarray(list(rows.values()), dtype=np.float32)


def _scores(sums: Sequence[float], names: bool) -> Scores:
    alarm, heavy, emergency, other, *kinds = sums
    highest = max(kinds)
    kind = KINDS[kinds.index(highest)] if highest > 0 else Category.SUICIDE
    return Scores(alarm, heavy, emergency, other, kind, names)

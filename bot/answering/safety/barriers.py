"""Worries that keep people from asking for help ("will they call the police?"), heard after support was shown.

Only then: the same words mean something else elsewhere ("it won't help", of a medicine). A message is a worry when it
is nearly one of its ways of asking, in whatever order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rapidfuzz import fuzz

from bot.answering.text import words_of
from bot.knowledge.safety_model import Barrier

_ALIKE: Final = 85.0
_LONGEST: Final = 100


class Barriers:
    """The worries of one set of safety data, made ready to be found."""

    def __init__(self, barriers: Iterable[Barrier]) -> None:
        self._asks = [(_spoken(ask), barrier) for barrier in barriers for ask in barrier.asks]

    def of(self, text: str) -> Barrier | None:
        """The worry that a message is about, if it is about one and nothing else."""
        words = _spoken(text)
        if not words or len(words) > _LONGEST:
            return None
        found = [(_alike(words, ask), barrier) for ask, barrier in self._asks]
        nearest, barrier = max(found, key=lambda pair: pair[0], default=(0.0, None))
        return barrier if nearest >= _ALIKE else None


def _spoken(text: str) -> str:
    return " ".join(words_of(text).words)


def _alike(words: str, ask: str) -> float:
    """How alike two wordings are, in this order or sorted, from 0 to 100."""
    return max(fuzz.ratio(words, ask), fuzz.token_sort_ratio(words, ask))

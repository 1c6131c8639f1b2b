"""How talk goes on: which words keep to what was talked about, and which page is asked for after which.

Both are learned from labelled conversations (``trials/lessons/conversations.jsonl``) by ``nextstep tune`` and stored
in ``leaning.json``: the words like those that ask for a facet (:mod:`bot.answering.facetwords`), in hundredths; the
pages as counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import tanh
from typing import Any, Final

from bot.answering.facetwords import facet_features
from bot.answering.reading import Reading

_HARDLY: Final = 4


@dataclass(frozen=True, slots=True)
class Leaning:
    """``words`` and ``bias`` speak for keeping to the topic (above zero) or leaving it; ``after`` counts, for each
    entry, which others were asked for right after it."""

    words: Mapping[str, float]
    bias: float
    after: Mapping[str, Mapping[str, int]]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Leaning:
        """Read it as it stands in ``leaning.json``."""
        words = {name: weight / 100 for name, weight in data["words"].items()}
        return cls(words, data["bias"] / 100, data["after"])

    def to_data(self) -> dict[str, Any]:
        """The reverse of :meth:`from_data`, without words that hardly count."""
        rounded = {name: round(100 * weight) for name, weight in sorted(self.words.items())}
        words = {name: weight for name, weight in rounded.items() if abs(weight) >= _HARDLY}
        return {"bias": round(100 * self.bias), "words": words, "after": self.after}

    def keeps(self, reading: Reading) -> float:
        """How much the words of a message keep to the topic: 1 surely, -1 surely not."""
        found = facet_features(reading)
        total = sum(self.words.get(name, 0.0) for name in found)
        return tanh(total / len(found) ** 0.5 + self.bias)


@cache
def shipped_leaning() -> Leaning:
    """What comes with the program."""
    return Leaning.from_data(json.loads(files("bot.answering").joinpath("leaning.json").read_text("utf-8")))

"""Words that ask for a facet, learned from labelled questions (``trials/lessons/facets.jsonl``) and kept as data.

Like the separators of targets (:mod:`bot.answering.separating`), one for each facet; but which words ask for what
does not depend on the entries, so the weights are learned once by ``nextstep tune`` and stored in
``facet_words.json``, in hundredths.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bot.answering.phrasings import sort_of
from bot.answering.reading import Reading
from bot.knowledge.model import Entry, Facet

Floats = npt.NDArray[np.float32]

FACETS: Final = tuple(Facet)
_NAME: Final = "@name"
_EDGE: Final = "|"
_HARDLY: Final = 8
_UNIT: Final = np.float32(100)


@dataclass(frozen=True, slots=True)
class FacetWords:
    """``weights``: features × facets; ``rows`` gives a feature's row; ``bias`` is how often a facet is asked for."""

    rows: Mapping[str, int]
    weights: Floats
    bias: Floats

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> FacetWords:
        """Read weights by feature; each has one figure for each facet, in the order of :data:`FACETS`."""
        features: Mapping[str, Sequence[int]] = data["features"]
        table = np.asarray(list(features.values()), dtype=np.float32).reshape(-1, len(FACETS))
        bias = np.asarray(data["bias"], dtype=np.float32)
        return cls({name: row for row, name in enumerate(features)}, table / _UNIT, bias / _UNIT)

    def to_data(self) -> dict[str, Any]:
        """The reverse of :meth:`from_data`, without features that hardly count."""
        table = np.rint(self.weights * 100).astype(int)
        kept = {name: table[row].tolist() for name, row in self.rows.items() if np.abs(table[row]).max() >= _HARDLY}
        return {"facets": FACETS, "bias": np.rint(self.bias * 100).astype(int).tolist(), "features": kept}

    def scores(self, reading: Reading, page: Sequence[str] = ()) -> Floats:
        """How much the words of a message ask for each facet. ``page`` says what page it is asked of."""
        found = facet_features(reading, page)
        rows = [row for name in found if (row := self.rows.get(name)) is not None]
        if not rows:
            return self.bias
        total = np.add.reduce(self.weights.take(rows, axis=0))
        return np.asarray(total / np.float32(len(found) ** 0.5) + self.bias, dtype=np.float32)


def page_features(entry: Entry) -> tuple[str, str]:
    """What stands for a page beside the words of a message: its sort, and itself."""
    return f"sort {sort_of(entry)}", f"page {entry.id}"


def facet_features(reading: Reading, page: Sequence[str] = ()) -> tuple[str, ...]:
    """Words, pairs of neighbours and what stands for the page, each once; a name counts as a name only."""
    words = [_NAME if _is_name(word) else word for word in reading.plain]
    framed = (_EDGE, *words, _EDGE)
    return tuple(dict.fromkeys((*words, *map(" ".join, pairwise(framed)), *page)))


def _is_name(word: str) -> bool:
    return word.startswith("@") and not word.startswith("@@")


@cache
def shipped_facet_words() -> FacetWords:
    """The weights that come with the program."""
    return FacetWords.from_data(json.loads(files("bot.answering").joinpath("facet_words.json").read_text("utf-8")))

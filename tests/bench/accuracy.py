"""Accuracy beside the usual methods, and what each group of signals is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.phrasings import targets_of
from bot.answering.signals import SIGNALS, Evidence, gather
from bot.answering.thinking import Mind
from bot.evaluation.intervals import Share
from bot.evaluation.rows import QuestionRow
from tests.bench.growth import OURS
from tests.bench.rivals import RIVALS
from tests.bench.table import Table

Floats = npt.NDArray[np.float32]

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "names": tuple(
        name
        for name in SIGNALS
        if name.startswith(("named", "name-", "kin-", "other-"))
        or name.endswith(("-unnamed", "-beside-medicine", "-beside-explained"))
    ),
    "separators": ("separated", "separated-lead", "filled-separated"),
    "meaning": ("meaning", "meaning-lead", "filled-meaning"),
}
"""Groups of signals by the evidence that they rest on."""


def table(mind: Mind, rows: Sequence[QuestionRow]) -> Table:
    """The share of ``rows`` whose first entry is an accepted one, by method."""
    owners = mind.index.phrasings.owners
    texts = [text for target in dict(targets_of(mind.knowledge)).values() for text in chain(*target)]
    ours = [mind.index.targets[first] for first in _firsts(gathered(mind, rows), mind.weights.signals)]
    found = {OURS: ours}
    for name, make in RIVALS.items():
        nearest = make(texts)
        found[name] = [mind.index.targets[int(owners[nearest(row.turns[0].text)])] for row in rows]
    return Table(
        "accuracy",
        f"Right entry first: {len(rows)} questions in scope, one turn; {len(texts):,} phrasings",
        ("method", "right", "low", "high"),
        tuple((name, *_share(rows, entries)) for name, entries in found.items()),
        "95 % intervals. The first entry as ranked, before any bar; questions that no weight was learned from.",
    )


def ablation(mind: Mind, rows: Sequence[QuestionRow]) -> Table:
    """Each group of signals alone, and all but one, by setting the other weights to zero."""
    evidence, weights = gathered(mind, rows), mind.weights.signals

    def right(kept: Floats) -> float:
        firsts = _firsts(evidence, weights * kept)
        return _share(rows, [mind.index.targets[first] for first in firsts])[0]

    whole = right(np.ones(len(SIGNALS), dtype=np.float32))
    lines = [(name, right(mask), right(1 - mask)) for name, mask in ((name, _mask(name)) for name in GROUPS)]
    return Table(
        "ablation",
        f"What each group of signals is worth: right entry first (all together {whole:.3f})",
        ("signals", "alone", "without"),
        tuple(lines),
        "Weights are set to zero, not learned anew, so 'alone' shows the least that a group can do.",
    )


def gathered(mind: Mind, rows: Sequence[QuestionRow]) -> list[Evidence]:
    """The evidence for each question."""
    return [gather(mind.index, mind.index.reader.read(row.turns[0].text)) for row in rows]


def _mask(group: str) -> Floats:
    return np.asarray([name in GROUPS[group] for name in SIGNALS], dtype=np.float32)


def _firsts(evidence: Sequence[Evidence], weights: Floats) -> list[int]:
    """The number of the first target of each."""
    return [int(one.candidates[int((one.figures @ weights).argmax())]) for one in evidence]


def _share(rows: Sequence[QuestionRow], entries: Sequence[str]) -> tuple[float, float, float]:
    share = Share(sum(entry in row.turns[0].expect for row, entry in zip(rows, entries, strict=True)), len(rows))
    return (share.value, *share.interval)

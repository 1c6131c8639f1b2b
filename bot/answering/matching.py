"""Matching: which entry a message asks for, how surely, and why.

The evidence of :mod:`bot.answering.signals` is weighed in one conditional logit (McFadden 1974): every candidate
target and "none of them" get a utility, and the softmax of the utilities is each one's probability. A few
dozen learned weights lie in ``weights.json`` as data, written by ``nextstep tune``; the last step maps the winner's
probability to how often such answers were right (calibration), so that thresholds mean what they say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bot.answering.index import Index
from bot.answering.model import Candidate, Reason
from bot.answering.reading import Reading
from bot.answering.signals import SIGNALS, Context, Evidence, gather, nearest_phrasing

Floats = npt.NDArray[np.float32]

_SIGNS: Final = (
    "always",
    "first",
    "second",
    "nothing",
    "follows-up",
    "first-is-named",
    "names-something",
    "length",
    "faint",
    "leads-by-words",
    "leads-by-meaning",
    "behind-by-words",
    "behind-by-meaning",
    "by-words",
    "with-twins",
    "unrest",
    "is-page",
)
SIGNS: Final = (*_SIGNS, *(f"{name} in talk" for name in _SIGNS))
"""What the confidence in the first candidate is read from, in the order of :func:`signs_of`: each sign, and each
again where the message follows up on something."""

_NOT_PAGES: Final = [SIGNALS.index(name) for name in ("is-redirect", "is-talk", "is-outside")]
_FAINTEST: Final = 1e-9
_EXPLAINED: Final = 3
"""How many of the best candidates carry their shares for ``why``."""

NOTHING: Final = (
    "always", "peak-separated", "peak-meaning", "coverage", "names-something", "names-foreign", "length",
    "asks", "explained", "context", "points-back",
)  # fmt: skip
"""What speaks for "none of them", in the order of :func:`nothing_figures`."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Learned figures: one weight a signal, one for each reason to answer nothing, one for each sign of confidence.

    ``twins`` says how often a question that one page answers is answered as well by another (0 to 1, both ways alike):
    where first and second are twins, doubt between them is no doubt about the answer.
    """

    signals: Floats
    nothing: Floats
    confidence: Floats
    twins: Mapping[str, Mapping[str, float]]

    def sureness(self, signs: Floats) -> float:
        """The share of right answers among those with these signs (logistic calibration, Platt 1999)."""
        return float(1.0 / (1.0 + np.exp(-float(signs @ self.confidence))))


def weights_from(data: Mapping[str, Any]) -> Weights:
    """Read weights by name; a signal without a weight counts nothing."""
    signals = np.asarray([data["signals"].get(name, 0.0) for name in SIGNALS], dtype=np.float32)
    nothing = np.asarray([data["nothing"].get(name, 0.0) for name in NOTHING], dtype=np.float32)
    confidence = np.asarray([data["confidence"].get(name, 0.0) for name in SIGNS], dtype=np.float32)
    return Weights(signals, nothing, confidence, data["twins"])


def weights_to(weights: Weights) -> dict[str, Any]:
    """The reverse of :func:`weights_from`, rounded for a readable file."""
    return {
        "signals": {name: round(float(value), 4) for name, value in zip(SIGNALS, weights.signals, strict=True)},
        "nothing": {name: round(float(value), 4) for name, value in zip(NOTHING, weights.nothing, strict=True)},
        "confidence": {name: round(float(value), 4) for name, value in zip(SIGNS, weights.confidence, strict=True)},
        "twins": weights.twins,
    }


@cache
def shipped_data() -> Mapping[str, Any]:
    """The weights and bars that come with the program, as they stand in ``weights.json``."""
    data: dict[str, Any] = json.loads(files("bot.answering").joinpath("weights.json").read_text(encoding="utf-8"))
    return data


def nothing_figures(evidence: Evidence, reading: Reading, context: Context | None = None) -> Floats:
    """What speaks for answering nothing, one figure a name in :data:`NOTHING`."""
    return np.asarray(
        (
            1.0,
            evidence.peak_separated,
            evidence.peak_meaning,
            evidence.coverage,
            float(bool(reading.covered)),
            float(any(hit.foreign for hit in reading.names)),
            min(1.0, len(reading.words) / 40),
            float(reading.words.asks),
            evidence.explained,
            float(context is not None),
            float(context is not None and context.points),
        ),
        dtype=np.float32,
    )


def signs_of(probabilities: Floats, figures: Floats, nothing: Floats, twinned: Floats) -> Floats:
    """The signs of confidence, one row a message.

    ``probabilities`` are rows × (candidates, then nothing), ``figures`` the first candidate's signals, ``nothing`` what
    speaks for answering nothing, ``twinned`` what the first candidate's twins have of the probability.
    """
    ordered = np.sort(probabilities[:, :-1], axis=1)
    second = ordered[:, -2] if ordered.shape[1] > 1 else np.zeros(len(ordered), dtype=np.float32)
    named = np.maximum(figures[:, SIGNALS.index("named")], figures[:, SIGNALS.index("named-typo")])
    by_words, by_meaning = (figures[:, SIGNALS.index(name)] for name in ("separated-lead", "meaning-lead"))
    columns = (
        np.ones(len(ordered)),
        _odds(ordered[:, -1]),
        _odds(second),
        _odds(probabilities[:, -1]),
        nothing[:, NOTHING.index("context")],
        named,
        nothing[:, NOTHING.index("names-something")],
        nothing[:, NOTHING.index("length")],
        -nothing[:, NOTHING.index("peak-separated")],
        by_words >= 0,
        by_meaning >= 0,
        by_words,
        by_meaning,
        figures[:, SIGNALS.index("separated")],
        _odds(np.minimum(ordered[:, -1] + twinned, 1)),
        -(probabilities * np.log(np.maximum(probabilities, _FAINTEST))).sum(axis=1),
        1 - figures[:, _NOT_PAGES].sum(axis=1),
    )
    signs = np.stack(columns, axis=1).astype(np.float32)
    return np.concatenate((signs, signs * nothing[:, NOTHING.index("context"), None]), axis=1)


def twinned_with(twins: Mapping[str, Mapping[str, float]], entries: Sequence[str], probabilities: Floats) -> float:
    """How much of the probability the twins of the first of ``entries`` have; ``probabilities`` in the same order."""
    kin = twins.get(entries[0], {})
    return sum(kin.get(entry, 0.0) * float(share) for entry, share in zip(entries, probabilities, strict=True))


def _odds(probability: Floats) -> Floats:
    """Log-odds, bounded."""
    bounded = np.clip(probability, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(bounded / (1 - bounded)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates with their probabilities, best first.

    ``nothing`` is the probability that none is meant; ``sure`` how often a first candidate with such signs is right.
    """

    candidates: tuple[Candidate, ...]
    nothing: float
    reasons: tuple[Reason, ...]
    sure: float = 0.0


def softmax(utilities: Floats) -> Floats:
    """Probabilities of utilities along the last axis."""
    raised = np.exp(utilities - utilities.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float32)


def rank(index: Index, reading: Reading, weights: Weights, context: Context | None = None) -> Ranking:
    """Rank the targets for one reading, before calibration."""
    evidence = gather(index, reading, context)
    if not evidence.candidates.size:
        return Ranking((), 1.0, ())
    shares = evidence.figures * weights.signals
    against_all = nothing_figures(evidence, reading, context)
    against = against_all * weights.nothing
    probabilities = softmax(np.append(shares.sum(axis=1), against.sum()).astype(np.float32))
    order = np.argsort(-probabilities[:-1], kind="stable")
    candidates = tuple(
        _candidate(index, evidence, shares if position < _EXPLAINED else None, probabilities, place)
        for position, place in enumerate(order.tolist())
    )
    nearest = nearest_phrasing(index, reading, index.numbers[candidates[0].entry])
    reason = Reason(
        "matching", "ranked", tuple(c.entry for c in candidates[:3]), {"nothing": round(float(probabilities[-1]), 3)}
    )
    twinned = twinned_with(weights.twins, [c.entry for c in candidates], probabilities[order])
    signs = signs_of(
        probabilities[None], evidence.figures[order[:1]], against_all[None], np.asarray([twinned], dtype=np.float32)
    )[0]
    reasons = (reason, Reason("matching", "nearest-phrasing", (nearest,))) if nearest else (reason,)
    return Ranking(candidates, float(probabilities[-1]), reasons, weights.sureness(signs))


def _candidate(index: Index, evidence: Evidence, shares: Floats | None, probabilities: Floats, place: int) -> Candidate:
    number = int(evidence.candidates[place])
    return Candidate(
        entry=index.targets[number],
        confidence=float(probabilities[place]),
        shares={} if shares is None else _named_shares(shares[place]),
    )


def _named_shares(row: Floats) -> Mapping[str, float]:
    return {SIGNALS[place]: round(float(row[place]), 2) for place in np.flatnonzero(np.abs(row) >= 0.05).tolist()}

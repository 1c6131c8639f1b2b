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
from math import log
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bot.answering.index import Index
from bot.answering.model import Candidate, Reason
from bot.answering.reading import Reading
from bot.answering.signals import SIGNALS, Context, Evidence, Features, gather, nearest_phrasing

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
    "coverage",
    "asks",
    "explained",
    "peak-meaning",
    "framed-elsewhere",
)
SIGNS: Final = (*_SIGNS, *(f"{name} in talk" for name in _SIGNS))
"""What the confidence in the first candidate is read from, in the order of :func:`signs_of`: each sign, and each
again where the message follows up on something."""

_NOT_PAGES: Final = [SIGNALS.index(name) for name in ("is-redirect", "is-talk", "is-outside")]
_FAINTEST: Final = 1e-9
_NAMED_BEST: Final = 3
"""How many of the best candidates ``why`` names."""
_UNEXPLAINED: Final[Mapping[str, float]] = MappingProxyType({})

NOTHING: Final = (
    "always", "peak-separated", "peak-meaning", "coverage", "names-something", "names-foreign", "length",
    "asks", "explained", "context", "points-back", "framed-elsewhere",
)  # fmt: skip
"""What speaks for "none of them", in the order of :func:`nothing_figures`."""

_NAMED, _TYPO, _SEPARATED = (SIGNALS.index(name) for name in ("named", "named-typo", "separated"))
_LEADS: Final = [SIGNALS.index(name) for name in ("separated-lead", "meaning-lead")]
_CONTEXT, _NAMES_SOMETHING, _LENGTH, _PEAK = (
    NOTHING.index(name) for name in ("context", "names-something", "length", "peak-separated")
)
_OF_THE_MESSAGE: Final = [
    NOTHING.index(name) for name in ("coverage", "asks", "explained", "peak-meaning", "framed-elsewhere")
]


COMPARING: Final = (
    "always", "clearer-side", "dimmer-side", "likelier", "less-likely", "named", "named-and-compared", "names",
    "medicines", "related", "one-folder", "another-page", "words", "outright", "outright-split", "outright-dimmer-side",
    "linked", "split", "or-not", "study", "taking", "chooses", "nicknamed",
)  # fmt: skip
"""What speaks for and against putting pages side by side, in the order of the figures of a proposal."""


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
    comparing: Floats

    def compares(self, figures: Floats) -> float:
        """How likely it is that a message with these figures (:data:`COMPARING`) compares, 0 to 1."""
        return _share(figures, self.comparing)

    def sureness(self, signs: Floats) -> float:
        """The share of right answers among those with these signs (logistic calibration, Platt 1999)."""
        return _share(signs, self.confidence)


def _share(figures: Floats, weights: Floats) -> float:
    return float(1.0 / (1.0 + np.exp(-float(figures @ weights))))


def weights_from(data: Mapping[str, Any]) -> Weights:
    """Read weights by name; a signal without a weight counts nothing."""
    signals = np.asarray([data["signals"].get(name, 0.0) for name in SIGNALS], dtype=np.float32)
    nothing = np.asarray([data["nothing"].get(name, 0.0) for name in NOTHING], dtype=np.float32)
    confidence = np.asarray([data["confidence"].get(name, 0.0) for name in SIGNS], dtype=np.float32)
    comparing = np.asarray([data["comparing"].get(name, 0.0) for name in COMPARING], dtype=np.float32)
    return Weights(signals, nothing, confidence, data["twins"], comparing)


def weights_to(weights: Weights) -> dict[str, Any]:
    """The reverse of :func:`weights_from`, rounded for a readable file."""
    return {
        "signals": {name: round(float(value), 4) for name, value in zip(SIGNALS, weights.signals, strict=True)},
        "nothing": {name: round(float(value), 4) for name, value in zip(NOTHING, weights.nothing, strict=True)},
        "confidence": {name: round(float(value), 4) for name, value in zip(SIGNS, weights.confidence, strict=True)},
        "comparing": {name: round(float(value), 4) for name, value in zip(COMPARING, weights.comparing, strict=True)},
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
            evidence.elsewhere,
        ),
        dtype=np.float32,
    )


def signs_of(
    likely: Sequence[float], figures: Sequence[float], nothing: Sequence[float], twinned: float
) -> tuple[float, ...]:
    """The signs of confidence in the first candidate of a message.

    ``likely`` are the probabilities of the candidates, then of nothing; ``figures`` the first candidate's signals,
    ``nothing`` what speaks for answering nothing, ``twinned`` what the first candidate's twins have of the probability.
    """
    *chances, none = likely
    second, first = sorted((*chances, 0.0))[-2:]
    odds = _odds(np.asarray((first, second, none, min(first + twinned, 1.0)), dtype=np.float32)).tolist()
    by_words, by_meaning = (figures[place] for place in _LEADS)
    signs = (
        1.0,
        *odds[:3],
        nothing[_CONTEXT],
        max(figures[_NAMED], figures[_TYPO]),
        nothing[_NAMES_SOMETHING],
        nothing[_LENGTH],
        -nothing[_PEAK],
        float(by_words >= 0),
        float(by_meaning >= 0),
        by_words,
        by_meaning,
        figures[_SEPARATED],
        odds[3],
        -sum(chance * log(max(chance, _FAINTEST)) for chance in likely),
        1.0 - sum(figures[place] for place in _NOT_PAGES),
        *(nothing[place] for place in _OF_THE_MESSAGE),
    )
    return (*signs, *(sign * nothing[_CONTEXT] for sign in signs))


def twinned_with(
    twins: Mapping[str, Mapping[str, float]], entries: Sequence[str], probabilities: Sequence[float]
) -> float:
    """How much of the probability the twins of the first of ``entries`` have; ``probabilities`` in the same order."""
    kin = twins.get(entries[0], {})
    return sum(kin.get(entry, 0.0) * share for entry, share in zip(entries, probabilities, strict=True))


def _odds(probability: Floats) -> Floats:
    """Log-odds, bounded."""
    bounded = np.minimum(np.maximum(probability, np.float32(1e-4)), np.float32(1 - 1e-4))
    return np.asarray(np.log(bounded / (1 - bounded)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates with their probabilities, best first.

    ``nothing`` is the probability that none is meant; ``sure`` how often a first candidate with such signs is right;
    ``features`` are those of the message.
    """

    candidates: tuple[Candidate, ...]
    nothing: float
    sure: float = 0.0
    features: Features | None = None
    elsewhere: float = 0.0
    """The log-odds that the message is for no page, by its frame alone."""


def softmax(utilities: Floats) -> Floats:
    """Probabilities of utilities along the last axis."""
    raised = np.exp(utilities - utilities.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float32)


def rank(index: Index, reading: Reading, weights: Weights, context: Context | None = None) -> Ranking:
    """Rank the targets for one reading, before calibration."""
    evidence = gather(index, reading, context)
    if not evidence.candidates.size:
        return Ranking((), 1.0)
    shares, against, probabilities = _weighed(evidence, reading, weights, context)
    order = np.argsort(-probabilities[:-1], kind="stable").tolist()
    likely, numbers = probabilities.tolist(), evidence.candidates.tolist()
    best = _named_shares(shares[order[0]])
    candidates = tuple(
        Candidate(index.targets[numbers[place]], likely[place], best if place == order[0] else _UNEXPLAINED)
        for place in order
    )
    twinned = twinned_with(weights.twins, [one.entry for one in candidates], [one.confidence for one in candidates])
    signs = signs_of(likely, evidence.figures[order[0]].tolist(), against.tolist(), twinned)
    sure = weights.sureness(np.asarray(signs, dtype=np.float32))
    return Ranking(candidates, likely[-1], sure, evidence.features, evidence.elsewhere)


def likelihoods(index: Index, reading: Reading, weights: Weights) -> dict[str, float]:
    """How likely each candidate is for one reading, the likeliest first: a ranking without all that explains it."""
    evidence = gather(index, reading)
    if not evidence.candidates.size:
        return {}
    likely = _weighed(evidence, reading, weights, None)[2].tolist()[:-1]
    found = zip(evidence.candidates.tolist(), likely, strict=True)
    return {index.targets[number]: chance for number, chance in sorted(found, key=lambda one: -one[1])}


def _weighed(
    evidence: Evidence, reading: Reading, weights: Weights, context: Context | None
) -> tuple[Floats, Floats, Floats]:
    """What each signal of each candidate weighs, what speaks against all of them, and the probabilities of the
    candidates, then of nothing."""
    shares = evidence.figures * weights.signals
    against = nothing_figures(evidence, reading, context)
    utilities = np.append(shares.sum(axis=1), against @ weights.nothing)
    return shares, against, softmax(utilities)


def reasons_for(index: Index, ranking: Ranking) -> tuple[Reason, ...]:
    """What ``why`` says of a ranking: the best, and the stored way of asking that is nearest to the message."""
    best = ranking.candidates[:_NAMED_BEST]
    if not best or ranking.features is None:
        return ()
    reason = Reason("matching", "ranked", tuple(one.entry for one in best), {"nothing": round(ranking.nothing, 3)})
    nearest = nearest_phrasing(index, ranking.features, index.numbers[best[0].entry])
    return (reason, Reason("matching", "nearest-phrasing", (nearest,))) if nearest else (reason,)


def _named_shares(row: Floats) -> Mapping[str, float]:
    return {name: round(share, 2) for name, share in zip(SIGNALS, row.tolist(), strict=True) if abs(share) >= 0.05}

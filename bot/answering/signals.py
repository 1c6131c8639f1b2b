"""Evidence: what speaks for each target as the page that a message asks for.

Each signal is a figure, mostly between -1 and 1, computed for every target at once: which separators and word vectors
speak for it, which names, what sort of page the wording asks for, what was talked about before.
:mod:`bot.answering.matching` weighs them; the weights are learned by ``nextstep tune``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.answering.index import Index
from bot.answering.model import Edit, NameHit
from bot.answering.reading import Reading
from bot.knowledge.model import Kind

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

SIGNALS: Final = (
    "named", "named-typo", "named-only", "named-alone", "named-explained", "name-share", "kin-named", "other-named",
    "medicine-unnamed", "named-medicine", "named-medicine-explained", "term-beside-medicine",
    "strategy-beside-medicine",
    "faq-beside-medicine", "article-beside-medicine", "faq-beside-explained", "strategy-beside-explained",
    "separated", "separated-lead", "meaning", "meaning-lead",
    "what-is-definition", "how-strategy", "worry-faq", "study-article", "is-faq", "is-strategy", "is-article",
    "is-redirect", "is-talk", "is-outside",
    "topic", "topic-kin", "topic-pointed-at", "topic-only-facet", "topic-others-named", "topic-medicine-explained",
    "faq-after-medicine", "strategy-after-medicine", "separated-in-talk", "meaning-in-talk", "separated-if-explained",
    "filled-meaning", "filled-separated", "filled-separated-lead",
)  # fmt: skip
"""The names of the signals, in the order of the columns of :attr:`Evidence.figures`."""

CANDIDATES: Final = 14
"""How many targets are weighed against each other."""

_WHAT_IS: Final = re.compile(
    r"^(?:(?:so|ok|hi|hey|hello|um|and|but|please|pls)\s)*(?:what(?:s| is| are| does)|define|meaning of"
    r"|explain|tell me about|whats)\b|\bmean(?:s|ing)?\b|\bstands? for\b"
)
_HOW: Final = re.compile(
    r"\b(?:how (?:do|can|to|should|would)|should (?:i|we|he|she|they|people)|worth (?:trying|it|asking)"
    r"|try(?:ing)?|add(?:ing|ed)?|switch(?:ing|ed)?|ways? to|help with|deal with|what can (?:i|we)"
    r"|options?)\b"
)
_WORRY: Final = re.compile(
    r"^(?:(?:so|ok|hi|hey|but|and)\s)*(?:is|are|am|do|does|did|can|could|will|would|has|have)\b|\b(?:is it"
    r"|can i|will it|does it|am i|safe|ok to|okay to|scared|worried|afraid|worry)\b"
)
_STUDY: Final = re.compile(
    r"\b(?:stud(?:y|ies)|trials?|paper|research|results?|compared|found|guidelines?|randomi[sz]ed|article"
    r"|published|participants)\b"
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Signals of the candidate targets: one row per candidate, one column per name in :data:`SIGNALS`."""

    candidates: Ints
    figures: Floats
    peak_separated: float
    peak_meaning: float
    coverage: float
    explained: float


def _spread(counts: int) -> Floats:
    return np.zeros(counts, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class NameEvidence:
    """What the names in a message say about every target."""

    exact: Floats
    typo: Floats
    alone: Floats
    share: Floats
    kin: Floats
    other: Floats
    only: Floats
    explained: float


def name_evidence(index: Index, reading: Reading) -> NameEvidence:
    """Signals from names, for all targets."""
    total = len(index.targets)
    exact, typo, alone, share, kin, other, only = (_spread(total) for _ in range(7))
    for hit in reading.covered:
        owned = [index.numbers[entry] for entry in hit.entries if entry in index.numbers]
        target = exact if hit.edit is not Edit.TYPO else typo
        target[owned] = np.maximum(target[owned], hit.similarity)
        for number, part in index.name_shares.get(hit.alias, {}).items():
            share[number] = max(share[number], part)
        for number in owned:
            kin[index.families.get(number, np.zeros(0, dtype=np.int32))] = 1.0
    named = np.maximum(exact, typo)
    if named.any():
        other[(named == 0) & (kin == 0)] = 1.0
        if len({hit.entries for hit in reading.covered}) == 1:
            only[named > 0] = 1.0
            alone[named > 0] = _coverage(reading, reading.covered[0])
    return NameEvidence(exact, typo, alone, share, kin, other, only, explained(index, reading))


def explained(index: Index, reading: Reading) -> float:
    """How much of the message, beside names, is made of function words and words that ask for a facet, 0 to 1."""
    rest = [word for word in reading.plain if not word.startswith("@")]
    return sum(word in index.facet_words for word in rest) / len(rest) if rest else 1.0


def _coverage(reading: Reading, hit: NameHit) -> float:
    """How much of the message the name is: 1 for a bare name."""
    return (hit.end - hit.start) / max(1, len(reading.words))


def _kind_fit(index: Index, reading: Reading) -> list[Floats]:
    folded = reading.words.folded
    asked = [bool(pattern.search(folded)) for pattern in (_WHAT_IS, _HOW, _WORRY, _STUDY)]
    kinds = (Kind.DEFINITION, Kind.STRATEGY, Kind.FAQ, Kind.ARTICLE)
    masks = [index.kind_masks[kind] for kind in kinds]
    fits = [mask * np.float32(hit) for mask, hit in zip(masks, asked, strict=True)]
    return [*fits, masks[2], masks[1], masks[3], index.redirect_mask, index.talk_mask, index.outside_mask]


@dataclass(frozen=True, slots=True)
class Context:
    """What a message may lean on: the topic talked about last, and the message with that topic's name filled in."""

    topic: int
    filled: Reading
    points: bool
    """Whether the message points back (it, that one, and …)."""


@dataclass(frozen=True, slots=True)
class _Words:
    """Likeness of one reading to every target: by separators and by meaning."""

    separated: Floats
    meaning: Floats

    def columns(self) -> list[Floats]:
        """The signals from words, each also as the distance to the best."""
        return [*_with_lead(self.separated), *_with_lead(self.meaning)]


def _with_lead(likeness: Floats) -> tuple[Floats, Floats]:
    return likeness, likeness - likeness.max(initial=-1)


def _words(index: Index, reading: Reading) -> _Words:
    numbers, weights = index.space.known(reading.plain)
    return _Words(index.separators.scores(numbers, weights), index.vector_centroids @ index.vector(reading.spoken))


def _name_columns(index: Index, names: NameEvidence) -> list[Floats]:
    named = np.maximum(names.exact, names.typo)
    explained = np.float32(names.explained**4)
    medicine = named * index.medicines
    beside = np.float32(medicine.max(initial=0))
    kinds = index.kind_masks
    terms = kinds[Kind.DEFINITION] * (1 - index.medicines)
    return [
        *(names.exact, names.typo, names.only, names.alone, named * explained, names.share, names.kin, names.other),
        *(index.medicines * (1 - named), medicine, medicine * explained, terms * beside),
        *(kinds[kind] * beside for kind in (Kind.STRATEGY, Kind.FAQ, Kind.ARTICLE)),
        *(kinds[kind] * beside * explained for kind in (Kind.FAQ, Kind.STRATEGY)),
    ]


def _context_columns(
    index: Index, reading: Reading, context: Context | None, explained: float, words: _Words
) -> list[Floats]:
    """Signals from what was talked about; all zero at the start of a conversation."""
    total = len(index.targets)
    if context is None:
        return [_spread(total) for _ in range(14)]
    topic = _spread(total)
    topic[context.topic] = 1.0
    kin = _spread(total)
    kin[index.families.get(context.topic, np.zeros(0, dtype=np.int32))] = 1.0
    silent = np.float32(not reading.covered)
    only_facet = silent * np.float32(explained**4)
    medicine = np.float32(index.medicines[context.topic]) * only_facet
    numbers, weights = index.space.known(context.filled.plain)
    return [
        *(topic, kin, topic * silent * np.float32(context.points), topic * only_facet, topic * (1 - silent)),
        *(topic * medicine, index.kind_masks[Kind.FAQ] * medicine, index.kind_masks[Kind.STRATEGY] * medicine),
        *(words.separated * silent, words.meaning * silent, words.separated * only_facet),
        (index.vector_centroids @ index.vector(context.filled.spoken)) * silent,
        *(filled * silent for filled in _with_lead(index.separators.scores(numbers, weights))),
    ]


def gather(index: Index, reading: Reading, context: Context | None = None) -> Evidence:
    """All evidence about one reading."""
    words = _words(index, reading)
    names = name_evidence(index, reading)
    about = _context_columns(index, reading, context, names.explained, words)
    rough = 2 * (words.separated + about[-2]) + words.meaning + about[-3] + names.share
    rough += 0.5 * np.maximum(names.exact, names.typo) + 0.3 * names.kin + about[0] + 0.3 * about[1]
    count = min(CANDIDATES, len(rough))
    candidates = np.argpartition(-rough, count - 1)[:count].astype(np.int32) if count else np.zeros(0, dtype=np.int32)
    columns = [*_name_columns(index, names), *words.columns(), *_kind_fit(index, reading), *about]
    return Evidence(
        candidates=candidates,
        figures=np.stack([column[candidates] for column in columns], axis=1).astype(np.float32),
        peak_separated=float(words.separated.max(initial=-1)),
        peak_meaning=float(words.meaning.max(initial=0)),
        coverage=index.space.coverage(reading.plain),
        explained=names.explained,
    )


def nearest_phrasing(index: Index, reading: Reading, target: int) -> str | None:
    """The label of the stored phrasing of ``target`` that shares most words with the message; ``None`` without one."""
    phrasings, rows = index.phrasings, index.phrasings.rows
    first, end = int(phrasings.starts[target]), int(phrasings.starts[target + 1])
    bounds = rows.starts[first : end + 1]
    if bounds[0] == bounds[-1]:
        return None
    numbers, weights = index.space.known(reading.plain)
    dense = np.zeros(len(index.space), dtype=np.float32)
    dense[numbers] = weights
    span = slice(int(bounds[0]), int(bounds[-1]))
    products = dense[rows.features[span]] * rows.weights[span]
    owners = np.repeat(np.arange(end - first), bounds[1:] - bounds[:-1])
    likeness = np.bincount(owners, products, minlength=end - first)
    best = int(likeness.argmax())
    return phrasings.labels[first + best] if likeness[best] > 0 else None

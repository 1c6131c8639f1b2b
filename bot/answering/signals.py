"""Evidence: what speaks for each target as the page that a message asks for.

Each signal is a figure, mostly between 0 and 1, computed for every target (cheap) or for the best dozen
(phrasings one by one). :mod:`bot.answering.matching` weighs them; the weights are learned by ``nextstep tune``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
    "wording", "meaning", "own-text", "near-words", "near-best", "wording-lead", "meaning-lead", "near-words-lead",
    "near-best-lead",
    "what-is-definition", "how-strategy", "worry-faq", "study-article", "is-faq", "is-strategy", "is-article",
    "is-redirect", "is-talk",
    "topic", "topic-kin", "topic-pointed-at", "topic-only-facet", "topic-others-named", "topic-medicine-explained",
    "faq-after-medicine", "strategy-after-medicine", "filled-wording", "filled-meaning",
    "phrasing-words", "phrasing-meaning", "phrasing-both", "phrasing-top3", "phrasing-close",
)  # fmt: skip
"""The names of the signals, in the order of the columns of :attr:`Evidence.figures`."""

CANDIDATES: Final = 14
"""How many targets are looked at phrasing by phrasing."""

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
    best_phrasings: tuple[int, ...]
    peak_wording: float
    peak_meaning: float
    peak_phrasing: float
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


def _wording(index: Index, numbers: Ints, weights: Floats) -> Floats:
    if not numbers.size:
        return _spread(len(index.targets))
    return np.asarray(weights @ index.centroids[numbers].astype(np.float32), dtype=np.float32)


def _own_text(index: Index, numbers: Ints, weights: Floats) -> Floats:
    if not numbers.size:
        return _spread(len(index.targets))
    return np.asarray(weights @ index.bodies[index.body_rows[numbers]], dtype=np.float32)


def _kind_fit(index: Index, reading: Reading) -> list[Floats]:
    folded = reading.words.folded
    asked = [bool(pattern.search(folded)) for pattern in (_WHAT_IS, _HOW, _WORRY, _STUDY)]
    kinds = (Kind.DEFINITION, Kind.STRATEGY, Kind.FAQ, Kind.ARTICLE)
    masks = [index.kind_masks[kind] for kind in kinds]
    fits = [mask * np.float32(hit) for mask, hit in zip(masks, asked, strict=True)]
    return [*fits, masks[2], masks[1], masks[3], index.redirect_mask, index.talk_mask]


@dataclass(frozen=True, slots=True)
class Context:
    """What a message may lean on: the topic talked about last, and the message with that topic's name filled in."""

    topic: int
    filled: Reading
    points: bool
    """Whether the message points back (it, that one, and …)."""


@dataclass(frozen=True, slots=True)
class _Words:
    """Likeness of one reading to every target, by wording, meaning, own text and near words."""

    numbers: Ints
    weights: Floats
    vector: Floats
    wording: Floats
    meaning: Floats
    own: Floats
    spread: Floats
    nearest: Floats

    def columns(self) -> list[Floats]:
        """The signals from words, each also as its distance to the best."""
        likes = (self.wording, self.meaning, self.own, self.spread, self.nearest)
        leads = (self.wording, self.meaning, self.spread, self.nearest)
        return [*likes, *(like - like.max(initial=0) for like in leads)]


def _words(index: Index, reading: Reading, without: int | None) -> _Words:
    numbers, weights = index.space.known(reading.plain)
    vector = index.vector(reading.spoken)
    wording = _wording(index, numbers, weights)
    meaning = index.vector_centroids @ vector
    spread, nearest = index.nearness.of(reading.plain)
    if without is not None:
        wording, meaning = _leave_out(index, without, wording, meaning)
        spread, nearest = _nearness_left_out(index, without, reading, spread, nearest)
    return _Words(numbers, weights, vector, wording, meaning, _own_text(index, numbers, weights), spread, nearest)


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


def _context_columns(index: Index, reading: Reading, context: Context | None, explained: float) -> list[Floats]:
    """Signals from what was talked about; all zero at the start of a conversation."""
    total = len(index.targets)
    if context is None:
        return [_spread(total) for _ in range(10)]
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
        _wording(index, numbers, weights) * silent,
        (index.vector_centroids @ index.vector(context.filled.spoken)) * silent,
    ]


def gather(index: Index, reading: Reading, without: int | None = None, context: Context | None = None) -> Evidence:
    """All evidence about one reading. ``without`` leaves one stored phrasing out (for tuning and self-tests)."""
    words = _words(index, reading, without)
    names = name_evidence(index, reading)
    about = _context_columns(index, reading, context, names.explained)
    rough = 1.5 * words.wording + words.meaning + words.spread + words.nearest + names.share + 0.3 * words.own
    rough += (
        0.5 * np.maximum(names.exact, names.typo) + 0.3 * names.kin + about[0] + 0.3 * about[1] + about[-2] + about[-1]
    )
    count = min(CANDIDATES, len(rough))
    candidates = np.argpartition(-rough, count - 1)[:count].astype(np.int32) if count else np.zeros(0, dtype=np.int32)
    phrasing, best = _phrasing_signals(index, candidates, words.numbers, words.weights, words.vector, without)
    columns = [*_name_columns(index, names), *words.columns(), *_kind_fit(index, reading), *about]
    table = np.concatenate(columns).reshape(len(columns), -1)[:, candidates].T
    return Evidence(
        candidates=candidates,
        figures=np.concatenate((table, phrasing), axis=1).astype(np.float32),
        best_phrasings=best,
        peak_wording=float(words.wording.max(initial=0)),
        peak_meaning=float(words.meaning.max(initial=0)),
        peak_phrasing=float(phrasing[:, 2].max(initial=0)),
        coverage=index.space.coverage(reading.plain),
        explained=names.explained,
    )


def _leave_out(index: Index, row: int, wording: Floats, meaning: Floats) -> tuple[Floats, Floats]:
    """Wording and meaning as if phrasing ``row``, which is the message itself, were not stored.

    With a target's summed phrasings S and the message q of length one, the mean of the others points along S - q.
    """
    target = int(index.phrasings.owners[row])
    wording, meaning = wording.copy(), meaning.copy()
    wording[target] = _without_one(float(wording[target]), float(index.lengths[target]))
    meaning[target] = _without_one(float(meaning[target]), float(index.vector_lengths[target]))
    return wording, meaning


def _without_one(likeness: float, length: float) -> float:
    rest = length**2 - 2 * length * likeness + 1
    return (length * likeness - 1) / rest**0.5 if rest > 1e-6 else 0.0


def _nearness_left_out(index: Index, row: int, reading: Reading, spread: Floats, best: Floats) -> tuple[Floats, Floats]:
    """Nearness as if phrasing ``row`` were not stored: its target's figures from the target's other phrasings."""
    phrasings = index.phrasings
    target = int(phrasings.owners[row])
    dense = np.zeros(len(index.space), dtype=np.float32)
    for other in range(phrasings.starts[target], phrasings.starts[target + 1]):
        if other != row:
            span = slice(phrasings.row_starts[other], phrasings.row_starts[other + 1])
            dense[phrasings.features[span]] += phrasings.weights[span]
    spread, best = spread.copy(), best.copy()
    near, nearest = index.nearness.to_words(reading.plain, dense)
    spread[target], best[target] = near * float(index.word_shares[target]), nearest
    return spread, best


def _phrasing_signals(
    index: Index, candidates: Ints, numbers: Ints, weights: Floats, vector: Floats, without: int | None
) -> tuple[Floats, tuple[int, ...]]:
    """Per candidate: best by words, by meaning, by both, mean of the three best, and closeness of the best; its row."""
    starts = index.phrasings.starts
    out = np.zeros((len(candidates), 5), dtype=np.float32)
    best = np.full(len(candidates), -1, dtype=np.int64)
    filled = np.flatnonzero(starts[candidates + 1] > starts[candidates])
    if not filled.size:
        return out, tuple(best.tolist())
    firsts, ends = starts[candidates[filled]], starts[candidates[filled] + 1]
    parts = [slice(first, end) for first, end in zip(firsts.tolist(), ends.tolist(), strict=True)]
    by_words = _row_products(index, parts, numbers, weights)
    by_meaning = np.concatenate([index.phrasings.vectors[part] for part in parts]) @ vector
    begins = np.concatenate(([0], np.cumsum(ends - firsts)[:-1]))
    if without is not None:
        places = begins + (without - firsts)
        left_out = places[(without >= firsts) & (without < ends)]
        by_words[left_out] = by_meaning[left_out] = -1.0
    both = 0.5 * by_words + 0.5 * by_meaning
    tops, places = _three_best(both, begins, ends - firsts)
    out[filled, 0] = np.maximum.reduceat(by_words, begins)
    out[filled, 1] = np.maximum.reduceat(by_meaning, begins)
    out[filled, 2] = tops[0]
    out[filled, 3] = (tops[2] + tops[1] + tops[0]) / np.minimum(ends - firsts, 3).astype(np.float32)
    out[filled, 4] = np.square(np.maximum(tops[0].astype(np.float64) - 0.5, 0)) * 4
    best[filled] = firsts + (places - begins)
    return out, tuple(best.tolist())


def _three_best(values: Floats, begins: Ints, sizes: Ints) -> tuple[Floats, Ints]:
    """The three highest of each run of ``values``, highest first (0 where a run is shorter), and where the first is."""
    rest, places = values.copy(), np.zeros((3, len(begins)), dtype=np.int64)
    tops = np.zeros((3, len(begins)), dtype=np.float32)
    for order in range(3):
        highest = np.maximum.reduceat(rest, begins)
        hits = np.flatnonzero(rest == np.repeat(highest, sizes))
        places[order] = hits[np.searchsorted(hits, begins)]
        tops[order] = np.where(sizes > order, highest, 0)
        rest[places[order]] = -np.inf
    return tops, places[0]


def _row_products(index: Index, parts: Sequence[slice], numbers: Ints, weights: Floats) -> Floats:
    """The product of the message's features with each stored phrasing in ``parts``, runs of rows that are not empty."""
    phrasings = index.phrasings
    bounds = [phrasings.row_starts[part.start : part.stop + 1] for part in parts]
    spans = [slice(int(bound[0]), int(bound[-1])) for bound in bounds]
    lengths = np.concatenate([bound[1:] - bound[:-1] for bound in bounds])
    dense = np.zeros(len(index.space) + 1, dtype=np.float32)
    dense[numbers] = weights
    features = np.concatenate([phrasings.features[span] for span in spans])
    products = np.zeros(len(features) + 1, dtype=np.float32)
    np.multiply(dense[features], np.concatenate([phrasings.weights[span] for span in spans]), out=products[:-1])
    sums = np.add.reduceat(products, np.cumsum(lengths) - lengths)
    sums[lengths == 0] = 0.0
    return sums

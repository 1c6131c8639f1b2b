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

from bot.answering.facets import FacetGuess
from bot.answering.index import Index
from bot.answering.leaning import Leaning
from bot.answering.model import Edit, NameHit
from bot.answering.reading import Reading
from bot.knowledge.model import Facet, Kind

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Features = tuple[Ints, Floats]

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
    "topic-kept-to", "topic-kin-kept-to", "topic-related", "asked-after-topic",
    "topic-has-facet", "topic-lacks-facet", "other-has-facet", "topic-if-short", "earlier-if-short",
    "thing-before", "thing-kept-to", "thing-has-facet",
    "framed-elsewhere", "framed-elsewhere-in-talk",
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


_ASKED_KINDS: Final = (
    (_WHAT_IS, Kind.DEFINITION), (_HOW, Kind.STRATEGY), (_WORRY, Kind.FAQ), (_STUDY, Kind.ARTICLE),
)  # fmt: skip
_NAMED_EXPLAINED: Final = SIGNALS.index("named-explained")
_NAME_SHARE: Final = SIGNALS.index("name-share")
_KIN: Final = SIGNALS.index("kin-named")
_MEDICINE: Final = SIGNALS.index("medicine-unnamed")
_SEPARATED: Final = SIGNALS.index("separated")
_MEANING: Final = SIGNALS.index("meaning")
_KINDS: Final = SIGNALS.index("what-is-definition")
_TOPIC: Final = SIGNALS.index("topic")
_FILLED: Final = SIGNALS.index("filled-meaning")
_KEPT_TO: Final = SIGNALS.index("topic-kept-to")
_HAS_FACET: Final = SIGNALS.index("topic-has-facet")
_THING: Final = SIGNALS.index("thing-before")
_FRAMED: Final = SIGNALS.index("framed-elsewhere")
_FRAMED_ROUGHLY: Final = np.float32(0.2)
_EARLIER_ROUGHLY: Final = np.float32(0.6)
_NOBODY: Final[Ints] = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Signals of the candidate targets: one row per candidate, one column per name in :data:`SIGNALS`."""

    candidates: Ints
    figures: Floats
    features: Features
    """The features of the message itself, and their weights."""
    peak_separated: float
    peak_meaning: float
    coverage: float
    explained: float
    elsewhere: float
    """What the message's frame says for its being for no page, as log-odds."""


def _name_signals(index: Index, reading: Reading, table: Floats) -> tuple[Floats, float]:
    """Signals from names, for all targets, into their rows of ``table``; gives how far each is named, and how much of
    the rest is explained."""
    exact, typo, only, alone, _, share, kin, other = table[:8]
    rest = explained(index, reading)
    if not reading.covered:
        table[_MEDICINE] = index.medicines
        return exact, rest
    for hit in reading.covered:
        target = exact if hit.edit is not Edit.TYPO else typo
        for number in (index.numbers[entry] for entry in hit.entries if entry in index.numbers):
            target[number] = max(target[number], hit.similarity)
            kin[index.families.get(number, _NOBODY)] = 1.0
        if parts := index.name_shares.get(hit.alias):
            owners = np.fromiter(parts, dtype=np.int32, count=len(parts))
            share[owners] = np.maximum(share[owners], np.fromiter(parts.values(), dtype=np.float32, count=len(parts)))
    named = np.maximum(exact, typo)
    is_named = named > 0
    if is_named.any():
        other[:] = ~is_named & (kin == 0)
        if len({hit.entries for hit in reading.covered}) == 1:
            only[:] = is_named
            alone[:] = is_named * np.float32(_coverage(reading, reading.covered[0]))
    _medicine_signals(index, named, np.float32(rest**4), table)
    return named, rest


def _medicine_signals(index: Index, named: Floats, explained: np.float32, table: Floats) -> None:
    """What a named medicine says for the pages of other sorts."""
    table[_NAMED_EXPLAINED] = named * explained
    medicine, kinds = named * index.medicines, index.kind_masks
    beside = np.float32(medicine.max(initial=0))
    table[_MEDICINE] = index.medicines * (1 - named)
    if beside:
        table[_MEDICINE + 1] = medicine
        table[_MEDICINE + 2] = medicine * explained
        table[_MEDICINE + 3] = kinds[Kind.DEFINITION] * (1 - index.medicines) * beside
        for place, kind in enumerate((Kind.STRATEGY, Kind.FAQ, Kind.ARTICLE), _MEDICINE + 4):
            table[place] = kinds[kind] * beside
        for place, kind in enumerate((Kind.FAQ, Kind.STRATEGY), _MEDICINE + 7):
            table[place] = kinds[kind] * (beside * explained)


def explained(index: Index, reading: Reading) -> float:
    """How much of the message, beside names, is made of function words and words that ask for a facet, 0 to 1."""
    rest = [word for word in reading.plain if not word.startswith("@")]
    return sum(word in index.facet_words for word in rest) / len(rest) if rest else 1.0


def _coverage(reading: Reading, hit: NameHit) -> float:
    """How much of the message the name is: 1 for a bare name."""
    return (hit.end - hit.start) / max(1, len(reading.words))


def _kind_signals(index: Index, reading: Reading, table: Floats) -> None:
    """What sort of page the wording asks for, and of which sort each target is."""
    folded, masks = reading.words.folded, index.kind_masks
    for place, (pattern, kind) in enumerate(_ASKED_KINDS, _KINDS):
        if pattern.search(folded):
            table[place] = masks[kind]
    table[_KINDS + 4 : _KINDS + 10] = (
        *(masks[kind] for kind in (Kind.FAQ, Kind.STRATEGY, Kind.ARTICLE)),
        *(index.redirect_mask, index.talk_mask, index.outside_mask),
    )


@dataclass(frozen=True, slots=True)
class Context:
    """What a message may lean on: the topic talked about last, and the message with that topic's name filled in."""

    topic: int
    earlier: tuple[int, ...]
    """What was talked about before the topic, latest first."""
    filled: Reading
    points: bool
    """Whether the message points back (it, that one, and …)."""
    leaning: Leaning
    asked: FacetGuess
    """The facet that the wording asks for, whatever the page."""

    def thing(self, index: Index) -> int | None:
        """The medicine or treatment that was talked about last, where the topic itself is none: what a question about
        driving or weight came up for is what the next message goes back to."""
        if index.medicines[self.topic]:
            return None
        return next((number for number in self.earlier if index.medicines[number]), None)


def _likeness(index: Index, reading: Reading, features: Features) -> tuple[Floats, Floats]:
    """Likeness of one reading to every target: by separators and by meaning."""
    return index.separators.scores(*features), index.vector_centroids @ index.vector(reading.spoken)


def _lead(likeness: Floats) -> Floats:
    """The distance to the best."""
    return np.asarray(likeness - likeness.max(initial=-1), dtype=np.float32)


def _context_signals(index: Index, reading: Reading, context: Context, explained: float, table: Floats) -> None:
    """Signals from what was talked about; all zero at the start of a conversation."""
    topic, kin, pointed, only, others, medicine_only, faq, strategy = table[_TOPIC : _TOPIC + 8]
    said = bool(reading.covered)
    topic[context.topic] = 1
    kin[index.families.get(context.topic, _NOBODY)] = 1
    if said:
        others[context.topic] = 1
        return
    only_facet = np.float32(explained**4)
    medicine = np.float32(index.medicines[context.topic]) * only_facet
    pointed[context.topic] = context.points
    only[context.topic] = only_facet
    medicine_only[context.topic] = medicine
    faq[:] = index.kind_masks[Kind.FAQ] * medicine
    strategy[:] = index.kind_masks[Kind.STRATEGY] * medicine
    talked = table[_TOPIC + 8 :]
    talked[0], talked[1] = table[_SEPARATED], table[_MEANING]
    talked[2] = table[_SEPARATED] * only_facet
    filled = index.space.known(context.filled.plain)
    talked[4], talked[3] = _likeness(index, context.filled, filled)
    talked[5] = _lead(talked[4])
    _leaning_signals(index, reading, context, table)
    _facet_signals(index, context, table)
    _earlier_signals(index, reading, context, table)


def _leaning_signals(index: Index, reading: Reading, context: Context, table: Floats) -> None:
    """What talk about this topic commonly goes on to."""
    kept, kin, related, after = table[_KEPT_TO : _KEPT_TO + 4]
    keeps = context.leaning.keeps(reading)
    kept[context.topic] = keeps
    kin[index.families.get(context.topic, _NOBODY)] = keeps
    related[index.related.get(context.topic, _NOBODY)] = 1
    for target, count in context.leaning.after.get(index.targets[context.topic], {}).items():
        if target in index.numbers:
            after[index.numbers[target]] = np.log1p(count)


def _facet_signals(index: Index, context: Context, table: Floats) -> None:
    """Which pages have what the wording asks for: the topic, what was talked about before, and others."""
    if context.asked.facet is Facet.OVERVIEW:
        return
    has, lacks, others = table[_HAS_FACET : _HAS_FACET + 3]
    plainly, offered = np.float32(context.asked.probability), index.facet_masks[context.asked.facet]
    others[:] = plainly * offered
    others[context.topic] = 0
    has[context.topic] = plainly * offered[context.topic]
    lacks[context.topic] = plainly * (1 - offered[context.topic])


def _earlier_signals(index: Index, reading: Reading, context: Context, table: Floats) -> None:
    """Signals from what was talked about before the topic."""
    short, earlier = table[_HAS_FACET + 3 : _HAS_FACET + 5]
    shortness = 1 / max(1, len(reading.words))
    short[context.topic] = shortness
    for number in context.earlier:
        earlier[number] = shortness
    thing = context.thing(index)
    if thing is not None:
        before, kept, has = table[_THING : _THING + 3]
        before[thing] = 1
        kept[thing] = table[_KEPT_TO, context.topic]
        has[thing] = table[_HAS_FACET + 2, thing]


def gather(index: Index, reading: Reading, context: Context | None = None) -> Evidence:
    """All evidence about one reading."""
    table = np.zeros((len(SIGNALS), len(index.targets)), dtype=np.float32)
    features = index.space.known(reading.plain)
    separated, meaning = _likeness(index, reading, features)
    table[_SEPARATED : _SEPARATED + 4] = separated, _lead(separated), meaning, _lead(meaning)
    named, rest = _name_signals(index, reading, table)
    _kind_signals(index, reading, table)
    elsewhere = index.frames.elsewhere(reading.plain)
    framed = np.float32(elsewhere) * index.no_page
    table[_FRAMED + (context is not None)] = framed
    rough = 2 * separated + meaning + table[_NAME_SHARE] + 0.5 * named + 0.3 * table[_KIN]
    rough += _FRAMED_ROUGHLY * framed
    if context is not None:
        _context_signals(index, reading, context, rest, table)
        rough += 2 * table[_FILLED + 1] + table[_FILLED] + table[_TOPIC] + 0.3 * table[_TOPIC + 1]
        rough += 0.3 * (table[_KEPT_TO + 2] + table[_KEPT_TO + 3]) + table[_THING]
        rough += (table[_HAS_FACET + 4] > 0) * _EARLIER_ROUGHLY
    count = min(CANDIDATES, len(rough))
    candidates = np.argpartition(-rough, count - 1)[:count].astype(np.int32) if count else _NOBODY
    return Evidence(
        candidates=candidates,
        figures=np.ascontiguousarray(table[:, candidates].T),
        features=features,
        peak_separated=float(separated.max(initial=-1)),
        peak_meaning=float(meaning.max(initial=0)),
        coverage=index.space.coverage(reading.plain),
        explained=rest,
        elsewhere=elsewhere,
    )


def nearest_phrasing(index: Index, features: Features, target: int) -> str | None:
    """The label of the stored phrasing of ``target`` that shares most words with a message that has ``features``;
    ``None`` without one."""
    phrasings, rows = index.phrasings, index.phrasings.rows
    first, end = int(phrasings.starts[target]), int(phrasings.starts[target + 1])
    bounds = rows.starts[first : end + 1]
    sizes = bounds[1:] - bounds[:-1]
    if bounds[0] == bounds[-1]:
        return None
    dense = np.zeros(len(index.space), dtype=np.float32)
    dense[features[0]] = features[1]
    span = slice(int(bounds[0]), int(bounds[-1]))
    products = dense.take(rows.features[span]) * rows.weights[span]
    sums = np.add.reduceat(products, np.minimum(bounds[:-1] - bounds[0], len(products) - 1))
    likeness = np.where(sizes > 0, sums, 0)
    best = int(likeness.argmax())
    return phrasings.labels[first + best] if likeness[best] > 0 else None

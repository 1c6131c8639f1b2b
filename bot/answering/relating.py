"""Relating: two things taken together, and two or three things put side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from bot.answering import intent
from bot.answering.matching import rank
from bot.answering.model import AskBack, CompareThese, Decision, PairWith
from bot.answering.reading import Reading
from bot.answering.thinking import ANY_ANTIDEPRESSANT, Case, Mind
from bot.knowledge.model import Kind

_MOST_TOGETHER: Final = 4
_UNHEARD: Final = 0.02
_SHORT: Final = 16
_PLAINLY: Final = 0.8
_JOINS: Final = frozenset(["and", "with", "plus", "n", "on", "taking", "while"])
_UNSURE: Final = 0.5
"""What the bar for a side is multiplied with where it is not sure that anything is compared; the likeliest goes first."""
_MOST_BESIDE: Final = 3
_NOT_LONG: Final = 40
_LEAST_BESIDE: Final = 0.01
_MIXED: Final = 0.7
"""What two sides of different folders count for beside two of one: nine comparisons in ten are of one folder."""
_FAINTLY: Final = 0.3
"""So much of the bar for a side is enough to ask which is meant."""


def together(case: Case) -> Decision | None:
    """Two things taken together: asked for in one sentence that is not a long list of what was tried."""
    mind, topic = case.mind, case.topic
    for sentence in intent.combining_sentences(case.question.text, case.thought.reading.words.folded):
        if case.rambles and "?" not in sentence:
            continue
        reading = case.read(sentence)
        members = _apart(tuple(dict.fromkeys(_members(mind, reading))))
        if len(members) == 1 and topic and intent.says_it(reading) and _is_takeable(mind, topic):
            members = tuple(dict.fromkeys((topic, *members)))
        if 2 <= len(members) <= _MOST_TOGETHER:
            return _pair_of(mind, members) if not _has_page(mind, members) else None
    return _bare_pair(mind, case.thought.reading)


def _bare_pair(mind: Mind, reading: Reading) -> Decision | None:
    """Two names and nothing else, one of them a plain substance ("nardil and sudafed"), when the pair is listed."""
    words = reading.words.words
    if len(words) > _SHORT:
        return None
    hits = [hit for hit in reading.covered if hit.entries and _is_takeable(mind, hit.entries[0])]
    plain = mind.substances.found(words)
    if len(hits) + len(plain) != 2 or not plain:
        return None
    members = tuple(dict.fromkeys(_members(mind, reading)))
    named = sum(hit.end - hit.start for hit in hits) + sum(mind.substances.length(words, at) for at, _ in plain)
    if len(members) != 2 or named + sum(word in _JOINS for word in words) < len(words):
        return None
    return _pair_of(mind, members) if mind.substances.rows(*members) and not _has_page(mind, members) else None


def _apart(members: tuple[str, ...]) -> tuple[str, ...]:
    """``members`` without those that are a part of another (fluoxetine beside olanzapine-fluoxetine)."""
    return tuple(one for one in members if not any(one != other and one in other.split("-") for other in members))


def _has_page(mind: Mind, members: tuple[str, ...]) -> bool:
    """Whether this is a question about all antidepressants and something that has a page of its own (alcohol)."""
    pages = mind.knowledge.combinations.pages
    return ANY_ANTIDEPRESSANT in members and any(member in pages for member in members)


def _pair_of(mind: Mind, members: tuple[str, ...]) -> Decision | None:
    """The most serious pair among ``members``; the first pair when none is listed."""
    pairs = [(a, b) for place, a in enumerate(members) for b in members[place + 1 :]]
    found = [(pair, mind.substances.rows(*pair)) for pair in pairs]
    known = [(pair, rows) for pair, rows in found if rows]
    pair, rows = min(known, key=lambda item: mind.substances.worst[item[1][0]]) if known else found[0]
    return PairWith(pair, rows, confidence=0.95 if rows else 0.85)


def _members(mind: Mind, reading: Reading) -> Iterator[str]:
    """Things one takes that are named in the message: entries and plain substances, in order."""
    places = [(hit.start, entry) for hit in reading.covered for entry in hit.entries[:1] if _is_takeable(mind, entry)]
    places += list(mind.substances.found(reading.words.words))
    return (member for _, member in sorted(places))


def _is_takeable(mind: Mind, member: str) -> bool:
    """Whether something can be taken: a plain substance, a medicine, or a class of them."""
    if member not in mind.knowledge.entries:
        return True
    groups = mind.knowledge.combinations.members
    return (
        bool(mind.index.medicines[mind.index.numbers[member]])
        or member in groups
        or member in mind.substances.groups
        or member in mind.substances.paired
    )


def side_by_side(case: Case) -> Decision | None:
    """Things put side by side: names linked by a word that compares, or two sides that are each clear."""
    if _about_a_study(case):
        return None
    for sentence in intent.comparing_sentences(case.question.text, case.mended):
        found = _compared_in(case, sentence)
        if found is not None:
            return found
    named = case.entries_of(case.thought.reading.covered)
    weighed = len(named) == 2 and intent.weighs_two(case.thought.reading) and _alike(case, *named)
    if (weighed and not _plainly_other(case, named)) or _speaks_of_all(case, named):
        return CompareThese(_first(case, named), case.facet(None), confidence=0.75)
    return None


def _first(case: Case, sides: tuple[str, ...]) -> tuple[str, ...]:
    """``sides`` with the page first that the message as a whole is likeliest about."""
    chance = {one.entry: one.confidence for one in case.thought.ranking.candidates}
    return tuple(sorted(sides, key=lambda entry: -chance.get(entry, 0.0)))


def _speaks_of_all(case: Case, named: Sequence[str]) -> bool:
    """Whether a message that is not long names two or three things of one sort, and is likeliest about one of them.

    A question about one of two medicines is answered beside the other; what was only tried before is hardly likely.
    """
    best = case.thought.best
    if not 2 <= len(named) <= _MOST_BESIDE or best is None or best.entry not in named:
        return False
    chance = {one.entry: one.confidence for one in case.thought.ranking.candidates}
    return (
        len(case.thought.reading.words) <= _NOT_LONG
        and min(chance.get(entry, 0.0) for entry in named) >= _LEAST_BESIDE
        and all(_alike(case, one, other) for one, other in combinations(named, 2))
    )


def _compared_in(case: Case, sentence: str) -> Decision | None:
    """What one sentence compares. A long message must ask for it outright, in a question."""
    reading, mended = case.read(sentence), case.mended(sentence)
    outright = intent.surely_compares(mended)
    surely = outright or intent.likens(mended)
    if case.rambles and not (surely and "?" in sentence):
        return None
    named = case.entries_of(intent.linked_names(reading))
    if len(named) >= 2 and (surely or not _plainly_other(case, named)):
        return CompareThese(named[:3], case.facet(None), confidence=0.95)
    if case.rambles or not (surely or len(reading.words) <= _SHORT):
        return None
    likely, sides = _sides(case, mended)
    if likely >= case.mind.bars.aside * (1 if surely else _UNSURE):
        also = (case.thought.best.entry,) if case.thought.best and _plainly_other(case, sides) else ()
        also = tuple(one for one in also if one in case.mind.knowledge.entries)
        return CompareThese(_first(case, (*also, *sides)), case.facet(None), confidence=0.75)
    return _either(case, sides, likely) if outright and likely >= _FAINTLY * case.mind.bars.aside else None


def _either(case: Case, sides: tuple[str, ...], confidence: float) -> AskBack:
    """What is surely a comparison, of sides that are not clear, is no question about one of them: both are offered."""
    best = case.thought.best
    also = [best.entry] if best is not None and best.entry in case.mind.knowledge.entries else []
    return AskBack(tuple(dict.fromkeys((*sides, *also))), case.facet(None), confidence)


def _plainly_other(case: Case, named: Sequence[str]) -> bool:
    """Whether the message is more likely about a page that is none of ``named``."""
    best = case.thought.best
    return best is not None and best.entry not in named and best.confidence >= _PLAINLY


def _alike(case: Case, left: str, right: str) -> bool:
    """Whether two entries are things of one sort: two single medicines, or two pages that point at each other."""
    medicines = [case.is_one_medicine(entry) for entry in (left, right)]
    if any(medicines):
        return all(medicines)
    entries = case.mind.knowledge.entries
    return right in entries[left].related and left in entries[right].related


def _about_a_study(case: Case) -> bool:
    """Whether the message speaks of a study and one article is clearly meant."""
    best, index = case.thought.best, case.mind.index
    if best is None or index.kinds[index.numbers[best.entry]] is not Kind.ARTICLE:
        return False
    articles = [
        entry
        for entry in case.entries_of(case.thought.reading.covered)
        if case.mind.knowledge.entries[entry].kind is Kind.ARTICLE
    ]
    spoken = intent.speaks_of_a_study(case.mended(case.question.text)) and len(articles) < 2
    return articles == [best.entry] or (spoken and best.confidence >= case.mind.bars.side)


def _sides(case: Case, text: str) -> tuple[float, tuple[str, ...]]:
    """The two entries meant left and right of the word that compares, and how likely they are; (0, ()) without two.

    A side is read by itself, and its candidates count more when the whole message speaks of them too. Of all pairs of
    two different entries the likeliest is taken.
    """
    sides = [_scored(case, side) for side in intent.sides_of(text)]
    if len(sides) != 2:
        return 0.0, ()
    pairs = [
        ((left * right) ** 0.5, (one, other))
        for one, left in sides[0].items()
        for other, right in sides[1].items()
        if one != other
    ]
    return max(pairs, key=lambda pair: pair[0] * _fitting(case, *pair[1]), default=(0.0, ()))


def _fitting(case: Case, one: str, other: str) -> float:
    """What a pair of sides counts for: pages of one folder are more often put side by side than a page and a step."""
    entries = case.mind.knowledge.entries
    return 1.0 if entries[one].kind.folder == entries[other].kind.folder else _MIXED


def _scored(case: Case, side: str) -> dict[str, float]:
    """How likely each entry is meant by one side of a comparison."""
    mind = case.mind
    overall = {candidate.entry: candidate.confidence for candidate in case.thought.ranking.candidates}
    ranking = rank(mind.index, mind.index.reader.read(side), mind.weights)
    return {
        one.entry: one.confidence * (overall.get(one.entry, 0.0) + _UNHEARD) ** 0.5
        for one in ranking.candidates
        if one.entry in mind.knowledge.entries
    }

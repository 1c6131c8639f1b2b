"""Relating: two things taken together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.answering import intent
from bot.answering.model import Decision, PairWith
from bot.answering.reading import Reading
from bot.answering.thinking import ANY_ANTIDEPRESSANT, Case, Mind

_MOST_TOGETHER: Final = 4
_SHORT: Final = 16
_JOINS: Final = frozenset(["and", "with", "plus", "n", "on", "taking", "while"])


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

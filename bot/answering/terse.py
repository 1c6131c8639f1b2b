"""Terse messages: only a name, only what asks for a facet, only the place of something listed.

They have too few words for likeness to say much, and they are the plainest there are: what they are about is read off.
"""

from __future__ import annotations

from typing import Final

from bot.answering import intent
from bot.answering.model import AnswerWith, Decision, Edit, Target
from bot.answering.signals import explained
from bot.answering.text import FUNCTION_WORDS, words_of
from bot.answering.thinking import Case
from bot.knowledge.model import Facet, Kind

_EVEN: Final = 0.5
_PLAIN_WORDS: Final = 16
_FEW_WORDS: Final = 4
_SURE_TYPO: Final = 0.75
_NAMED: Final = 0.95
_STEM: Final = 5
"""The first so many letters are the same in most forms of a word."""
_TELLING: Final = 4
_RIVAL: Final = 0.3
"""From which likelihood another page may be meant as well."""
_NOT_PLAIN: Final = (Facet.OVERVIEW, Facet.STOPPING)


def topic_and_facet(case: Case) -> Decision | None:
    """The plainest questions: one name and words that only ask for a facet, or such words about the topic before."""
    mind, reading = case.mind, case.thought.reading
    if explained(mind.index, reading) < 1.0 or len(reading.words) > _PLAIN_WORDS:
        return None
    named = case.entries_of(reading.covered)
    if named and _is_elsewhere(case):
        return None
    if not named and len(reading.words) > _FEW_WORDS and not intent.asks_something(case.question.text):
        return None
    entry = named[0] if len(named) == 1 else case.topic if not named else None
    if entry is None or entry not in mind.knowledge.entries or not _has_plain_facets(case, entry, named=bool(named)):
        return None
    if any(hit.edit is Edit.TYPO and hit.similarity < _SURE_TYPO for hit in reading.covered):
        return None
    guess = case.guess(entry)
    if not guess.worded or guess.facet not in mind.knowledge.entries[entry].facets or guess.facet in _NOT_PLAIN:
        return None
    if _plainly_another(case, entry) and (named or _is_sure(case)):
        return None
    if not named and _has_rival(case, entry) and not _speaks_of_it(case, entry, guess.facet):
        return None
    return AnswerWith((Target(entry, guess.facet),), confidence=_NAMED, carried=not named)


def _has_plain_facets(case: Case, entry: str, *, named: bool) -> bool:
    """Whether words that only ask for a facet are about this page: a medicine's or treatment's, or that of the term
    which is talked about and likeliest."""
    if case.is_one_medicine(entry):
        return True
    best = case.thought.best
    is_term = case.mind.knowledge.entries[entry].kind is Kind.DEFINITION
    return is_term and not named and best is not None and best.entry == entry


def _has_rival(case: Case, entry: str) -> bool:
    """Whether another page may well be meant (``can i drink on it``: the page about alcohol)."""
    pages, others = case.mind.knowledge.entries, case.thought.ranking.candidates
    return any(one.entry != entry and one.entry in pages and one.confidence >= _RIVAL for one in others)


def _speaks_of_it(case: Case, entry: str, facet: Facet) -> bool:
    """Whether what a page says under a facet has a word of the message, or the message just names the facet."""
    knowledge = case.mind.knowledge
    said = {word[:_STEM] for word in words_of(knowledge.entries[entry].facets[facet]).words}
    label = words_of(knowledge.vocabulary.labels.get(facet, "")).words
    telling = [word for word in case.thought.reading.plain if word not in FUNCTION_WORDS and len(word) >= _TELLING]
    return any(word in label or word[:_STEM] in said for word in telling)


def _is_sure(case: Case) -> bool:
    """Whether the likeliest page would be answered with."""
    best = case.thought.best
    return best is not None and case.thought.ranking.sure >= case.bar(best.entry)


def bare_name(case: Case) -> Decision | None:
    """Nothing but one exact name, with what asks for it or corrects what was understood ("no, i meant ect")."""
    reading = case.thought.reading
    named = case.entries_of(reading.covered)
    certain = all(hit.edit is not Edit.TYPO and len(hit.entries) == 1 for hit in reading.names)
    rest = [word for word in reading.plain if not word.startswith("@")]
    plain = all(word in FUNCTION_WORDS for word in rest) or intent.corrects(case.question.text)
    if len(named) != 1 or not certain or not plain or len(rest) > _FEW_WORDS:
        return None
    moves_on = intent.moves_on(reading)
    if _is_elsewhere(case) and not moves_on and not intent.corrects(case.question.text):
        return None
    kept = case.conversation.facet if named[0] != case.topic and moves_on else None
    return AnswerWith(
        (Target(named[0], kept or Facet.OVERVIEW, inferred=kept is not None),), _NAMED, carried=bool(kept)
    )


def _is_elsewhere(case: Case) -> bool:
    """Whether the frame of a message is likelier for no page at all ("do i have …"), however plainly it names one."""
    return case.thought.ranking.elsewhere > 0


def pointed_at(case: Case) -> Decision | None:
    """Nothing but the place of something listed before ("and the other one", "more about number 2")."""
    conversation, topic = case.conversation, case.topic
    pointed = intent.pointed_at(case.question.text, conversation.listed, None) is not None
    other_of_two = "other" in case.thought.reading.plain and len(conversation.listed) == 2
    if not (pointed or other_of_two) or topic not in conversation.listed:
        return None
    if topic not in case.mind.knowledge.entries or not intent.only_points(case.thought.reading):
        return None
    return AnswerWith((Target(topic, conversation.facet or Facet.OVERVIEW, inferred=True),), _NAMED, carried=True)


def _plainly_another(case: Case, entry: str) -> bool:
    """Whether the message as a whole is more likely about another page (``wine on sertraline``)."""
    best = case.thought.best
    return best is not None and best.entry != entry and best.confidence >= _EVEN

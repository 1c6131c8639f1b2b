"""Decision: answer, ask back, compare, combine, redirect, decline or stay silent, as ids and figures.

The order is fixed: what was picked from an offered list; look-alike names; two things taken together; things put side
by side; two questions in one message; and only then one question, answered when its calibrated confidence reaches
the bar of the entry's stakes. What does not reach it is asked back or declined, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.answering import intent
from bot.answering.comparing import side_by_side
from bot.answering.lookalikes import unsure_names
from bot.answering.matching import reasons_for
from bot.answering.model import (
    AnswerWith,
    AskBack,
    Candidate,
    ChatBack,
    CompareThese,
    Conversation,
    Decision,
    Edit,
    Mode,
    NameHit,
    NotKnown,
    PairWith,
    Question,
    Reason,
    RedirectTo,
    StaySilent,
    Target,
)
from bot.answering.phrasings import OUTSIDE, REDIRECT, TALK
from bot.answering.relating import together
from bot.answering.terse import bare_name, pointed_at, topic_and_facet
from bot.answering.text import bare, words_of
from bot.answering.thinking import VERBATIM, Case, Mind, Thought, facet_of, think
from bot.knowledge.model import Facet

PERSONAL_DOSE: Final = "personal-dose"
"""The redirect for questions about an amount to take."""
_OTHER_MEDICINE: Final = "other-medicine"
_CHATTER: Final = "chatter"
"""Small talk about anything else: a question among it is one that we cannot answer."""
_MOST_CHOICES: Final = 4
_MOST_QUESTIONS: Final = 6
_EVEN: Final = 0.5
_FAR_LIKELIER: Final = 2.0
"""What is likely none of our business is asked about all the same, unless that is so many times likelier than pages."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision and the reasons for it."""

    decision: Decision
    reasons: tuple[Reason, ...] = ()
    named: tuple[str, ...] = ()
    """The entries that the message names, in order."""


def decide(mind: Mind, question: Question, conversation: Conversation) -> Decided:
    """What to do about ``question``. Pure; never looks at safety, which was settled before."""
    words = words_of(question.text)
    if not mind.index.targets or not words.words:
        return Decided(StaySilent("no-words") if question.mode is Mode.OVERHEARD else NotKnown("empty"))
    picked = _picked(mind, question, conversation)
    if picked is not None:
        return Decided(picked, (Reason("decision", "picked"),))
    conversation = _turned(question.text, words.folded, conversation)
    case = Case(mind, question, conversation, think(mind, words, conversation))
    named = case.entries_of(case.thought.reading.covered)
    reasons = (_names_reason(case.thought), *reasons_for(mind.index, case.thought.ranking))
    for rule, step in _STEPS:
        decision = step(case)
        if decision is not None:
            return Decided(_heard(mind, question, decision), (*reasons, _step_reason(mind, rule, decision)), named)
    decision, why = _single(case)
    return Decided(_heard(mind, question, decision), (*reasons, why), named)


def _step_reason(mind: Mind, rule: str, decision: Decision) -> Reason:
    """Which step decided; of a comparison also how likely it was judged, and the bar."""
    if isinstance(decision, CompareThese):
        return Reason("decision", rule, (), {"likelihood": round(decision.confidence, 3), "bar": mind.bars.aside})
    return Reason("decision", rule)


def decide_named(mind: Mind, question: Question, conversation: Conversation) -> Decided:
    """The same for a message that hardly reads as English but names something of ours: at least its page is shown."""
    decided = decide(mind, question, conversation)
    if len(decided.named) != 1 or not _is_unsettled(decided.decision):
        return decided
    answer = AnswerWith((Target(decided.named[0], Facet.OVERVIEW, inferred=True),), mind.bars.second)
    return replace(decided, decision=answer)


def _is_unsettled(decision: Decision) -> bool:
    """Whether no page was found; asking between look-alike names is settled, and stays."""
    return isinstance(decision, NotKnown) or (isinstance(decision, AskBack) and not decision.look_alike)


def _turned(text: str, folded: str, conversation: Conversation) -> Conversation:
    """The conversation with that topic first which the message points at by its place ("the second one, …"), and
    without the one that it turns away from ("not that one, …")."""
    place = intent.pointed_at(text, conversation.listed, intent.topic_in_mind(conversation))
    if place is not None:
        topics = dict.fromkeys((conversation.listed[place], *conversation.topics))
        return replace(conversation, topics=tuple(topics))
    if intent.turns_away(folded):
        return replace(conversation, topics=conversation.topics[1:])
    return conversation


def _names_reason(thought: Thought) -> Reason:
    hits = thought.reading.names
    return Reason(
        "names",
        "found",
        tuple(hit.alias for hit in hits),
        {hit.alias: round(hit.similarity, 2) for hit in hits if hit.edit is not Edit.EXACT},
    )


# --- one step each ---------------------------------------------------------------------------------------------


def _picked(mind: Mind, question: Question, conversation: Conversation) -> Decision | None:
    if not conversation.offered:
        return None
    if intent.declines_choices(question.text):
        return NotKnown("none-of-these")
    place = intent.picked(question.text, conversation.offered)
    if place is None:
        return None
    link = conversation.offered[place]
    if link.entry not in mind.knowledge.entries:
        return None
    return AnswerWith((Target(link.entry, link.facet or conversation.offered_facet, inferred=True),), confidence=1.0)


def _look_alike(case: Case) -> Decision | None:
    """A misspelt name that could be two things is asked about; one that could only be something foreign is declined."""
    unsure = unsure_names(case.thought.reading)
    if unsure is None:
        return None
    entries = tuple(dict.fromkeys(entry for hit in unsure if not hit.foreign for entry in hit.entries))[:_MOST_CHOICES]
    if not entries:
        return NotKnown("outside-look-alike", nearest=_nearest_of(unsure))
    return AskBack(entries, case.facet(None), confidence=0.0, look_alike=True)


def _nearest_of(hits: Sequence[NameHit]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry for hit in hits for entry in hit.entries))[:1]


def _verbatim(case: Case) -> Decision | None:
    """A message that is word for word a stored way of asking: a person has already said which page it is for."""
    words, known = case.thought.reading.words.words, case.mind.index.verbatim
    number = known.get(" ".join(words), known.get(" ".join(bare(words))))
    if number is None:
        return None
    target = case.mind.index.targets[number]
    return _settled(case, Candidate(target, VERBATIM), VERBATIM)


def _personal_dose(case: Case) -> Decision | None:
    """Which amount somebody is to take is for their prescriber, however sure the page would be."""
    known = PERSONAL_DOSE in case.mind.knowledge.redirects
    return RedirectTo(PERSONAL_DOSE, VERBATIM) if known and intent.asks_for_a_dose(case.thought.reading) else None


def _not_covered(case: Case) -> Decision | None:
    """Only medicines that we do not cover are named: nothing that we have is about them, unless it is all but sure."""
    reading = case.thought.reading
    foreign = next((hit for hit in reading.names if hit.foreign and hit.edit is not Edit.TYPO), None)
    best = case.thought.best
    if foreign is None or reading.covered or case.topic is not None or best is None:
        return None
    sure = case.thought.ranking.sure >= VERBATIM or best.entry.startswith(REDIRECT)
    if sure and best.entry != REDIRECT + _OTHER_MEDICINE:
        return None
    return NotKnown("outside", nearest=foreign.entries[:1], outside=foreign.alias)


def _two_questions(case: Case) -> Decision | None:
    """Two questions of their own in one message, each sure enough by itself."""
    mind, running = case.mind, case.conversation
    questions = intent.parts_of(case.question.text).questions
    if not 2 <= len(questions) <= _MOST_QUESTIONS:
        return None
    targets: list[Target] = []
    sure: list[float] = []
    for text in questions:
        part = think(mind, words_of(text), running)
        best = part.best
        if best is None or best.entry not in mind.knowledge.entries:
            continue
        confidence = part.ranking.sure
        if confidence >= mind.bars.second:
            targets.append(Target(best.entry, facet_of(mind, part.reading, best.entry)))
            sure.append(confidence)
            running = replace(running, topics=(best.entry, *running.topics))
    distinct = tuple(dict.fromkeys(targets))
    if len({target.entry for target in distinct}) < 2:
        return None
    left = tuple(dict.fromkeys(target.entry for target in distinct[2:]))
    return AnswerWith(distinct[:2], confidence=min(sure), left_out=left)


def _single(case: Case) -> tuple[Decision, Reason]:
    best = case.thought.best
    if best is None:
        return NotKnown("not-found"), Reason("decision", "nothing-ranked")
    if _all_strange(case):
        return _unsettled(case, 0.0, ask=False), Reason("decision", "all-strange")
    confidence = case.thought.ranking.sure
    bar = case.bar(best.entry)
    reason = Reason(
        "decision", "single", (best.entry,), {"confidence": round(confidence, 3), "bar": bar, **best.shares}
    )
    if confidence >= bar:
        return _settled(case, best, confidence), reason
    return _unsettled(case, confidence), reason


def _settled(case: Case, best: Candidate, confidence: float) -> Decision:
    if best.entry.startswith(REDIRECT):
        return RedirectTo(best.entry.removeprefix(REDIRECT), confidence)
    if best.entry == TALK + _CHATTER and intent.asks_something(case.question.text):
        return NotKnown("not-found", confidence=confidence)
    if best.entry.startswith(TALK):
        return ChatBack(best.entry.removeprefix(TALK), confidence)
    if best.entry == OUTSIDE:
        return NotKnown("not-found", confidence=confidence)
    facet, kept = case.facet(best.entry), case.conversation.facet
    if facet is Facet.OVERVIEW and kept and best.entry != case.topic and intent.moves_on(case.thought.reading):
        return AnswerWith((Target(best.entry, kept, inferred=True),), confidence, carried=True)
    return AnswerWith((Target(best.entry, facet),), confidence, carried=case.thought.carried)


def _unsettled(case: Case, confidence: float, *, ask: bool = True) -> Decision:
    """Ask back when the likely pages together are likely enough; otherwise say that there is no answer."""
    mind, thought = case.mind, case.thought
    outside = next((hit for hit in thought.reading.names if hit.foreign), None)
    likely = [c for c in thought.ranking.candidates if c.entry in mind.knowledge.entries][:_MOST_CHOICES]
    together = sum(c.confidence for c in likely)
    choices = tuple(c.entry for c in likely if c.confidence >= mind.bars.choice)
    carried_on = case.topic is not None and confidence >= _EVEN
    if outside is not None and not thought.reading.covered and not carried_on:
        return NotKnown("outside", nearest=outside.entries[:1], outside=outside.alias)
    best = thought.best
    if best is not None and best.entry not in mind.knowledge.entries and best.confidence > _FAR_LIKELIER * together:
        return NotKnown("not-found", confidence=confidence)
    if ask and together >= mind.bars.choices_together and choices and together > thought.ranking.nothing:
        return AskBack(choices, case.facet(None), confidence)
    return NotKnown("not-found", nearest=tuple(c.entry for c in likely[:1]), confidence=confidence)


def _all_strange(case: Case) -> bool:
    """Whether no word that could name a topic has ever been met: nothing speaks for any page but its grammar."""
    space = case.mind.index.space
    telling = [word for word in case.thought.reading.plain if word not in case.mind.index.facet_words]
    return bool(telling) and all(space.number(word) is None for word in telling)


def _heard(mind: Mind, question: Question, decision: Decision) -> Decision:
    """An overheard message is answered only when it is plainly a question and plainly one of ours."""
    if question.mode is Mode.ADDRESSED:
        return decision
    sure = isinstance(decision, AnswerWith | CompareThese | PairWith) and decision.confidence >= mind.bars.overheard
    return decision if sure and intent.asks_something(question.text) else StaySilent("overheard")


_STEPS: Final = (
    ("look-alike", _look_alike),
    ("verbatim", _verbatim),
    ("personal-dose", _personal_dose),
    ("pair", together),
    ("not-covered", _not_covered),
    ("comparison", side_by_side),
    ("pointed-at", pointed_at),
    ("bare-name", bare_name),
    ("topic-and-facet", topic_and_facet),
    ("two-questions", _two_questions),
)
"""The steps before a plain answer, in order; the first that has something to say decides."""

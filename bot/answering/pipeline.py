"""The way of a message: screening, matching, decision, composing; in this order, always.

Plain synchronous code on frozen values: time comes with the question, memory is the conversation, and the
same text in the same conversation with the same knowledge gives the same reply.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.answering import intent
from bot.answering.completing import Completer
from bot.answering.decision import Decided, decide, decide_named
from bot.answering.model import (
    CALM,
    NEW,
    Answer,
    AnswerWith,
    AskBack,
    Choices,
    CompareThese,
    Comparison,
    Conversation,
    Level,
    Link,
    Mode,
    NotKnown,
    Pairing,
    PairWith,
    Question,
    Reason,
    Reply,
    Screening,
    Silence,
    Support,
    Target,
)
from bot.answering.previewing import preview_mind
from bot.answering.replies import Composer, Setting, offered_links
from bot.answering.safety.barriers import Barriers
from bot.answering.safety.machine import LEARNED
from bot.answering.screening import Screen
from bot.answering.support import compose_barrier, compose_support, gentle_line
from bot.answering.thinking import Mind, build_mind
from bot.knowledge.model import Facet, Knowledge
from bot.knowledge.safety_model import Barrier, Safety

MEMORY: Final = timedelta(minutes=15)
"""How long a conversation is remembered."""
MOST_TOPICS: Final = 3
"""How many pages talked about are remembered."""
_KEPT_TEXT: Final = 1000
_SURE_BESIDE_SUPPORT: Final = 0.85
_ENGLISH: Final = 0.5
"""The share of known words from which a message without function words still counts as English."""
_EVEN: Final = 0.5
"""Where a page is as likely as not, it is worth offering to somebody in distress who asks for something."""


class Answerer:
    """Answers questions from one knowledge. Immutable: a new knowledge means a new answerer."""

    def __init__(self, knowledge: Knowledge, safety: Safety, screen: Screen | None = None) -> None:
        self.safety = safety
        self.knowledge = knowledge
        self._screen = screen or Screen(safety)
        self._barriers = Barriers(safety.barriers)
        self._composer = Composer(knowledge)
        self.mind: Mind = build_mind(knowledge)
        self._completer = Completer(knowledge)

    @property
    def revision(self) -> str:
        """Names the exact knowledge that answers."""
        return self.knowledge.revision

    def about(self, knowledge: Knowledge) -> Answerer:
        """An answerer for another knowledge that hears danger as this one does: nothing is compiled twice."""
        return Answerer(knowledge, self.safety, self._screen)

    def within(self, smaller: Knowledge) -> Answerer:
        """The same answerer for a knowledge that lost something, in a moment: messages are understood as before, and
        what is gone is never shown."""
        kept = copy(self)
        kept.knowledge = smaller
        kept._composer = self._composer.within(smaller)
        kept._completer = Completer(smaller)
        return kept

    def minded(self, mind: Mind) -> Answerer:
        """The same answerer with other weights or bars: for measuring and learning."""
        other = copy(self)
        other.mind = mind
        return other

    def preview(self, draft: Knowledge) -> Answerer | None:
        """Nearly the answerer that ``draft`` would have, in a moment; never to be served. Names are completed as they
        are with what is served. ``None``: build it."""
        mind = preview_mind(self.mind, draft)
        if mind is None:
            return None
        near = copy(self)
        near.knowledge, near.mind = draft, mind
        near._composer = self.composer_of(draft)
        return near

    def composer_of(self, draft: Knowledge) -> Composer:
        """Composes what a draft of this knowledge says."""
        return self._composer.beside(draft)

    def reply(self, question: Question, conversation: Conversation = NEW) -> tuple[Reply, Conversation]:
        """Answer one message. Never raises: the screening is settled first, and a fault after it is a calm reply."""
        conversation = remembered(conversation, question.now)
        screening = self._screened(question, conversation)
        try:
            reply, after = self._settle(question, conversation, screening)
        except Exception as fault:
            reply, after = self._after_fault(question, conversation, screening, fault)
        return reply, replace(after, at=question.now, previous=question.text[:_KEPT_TEXT], turns=conversation.turns + 1)

    def _settle(
        self, question: Question, conversation: Conversation, screening: Screening
    ) -> tuple[Reply, Conversation]:
        if screening.minor:
            conversation = replace(conversation, support=replace(conversation.support, minor=True))
        barrier = self._barrier(question, conversation)
        if screening.level.is_alarm and (barrier is None or self._alarms_alone(question)):
            return self._support(question, conversation, screening)
        if barrier is not None:
            support, memory = compose_barrier(barrier, screening, conversation.support, question.country, self.safety)
            return support, replace(conversation, support=memory, offered=())
        decided = _kindly(self._decide(question, conversation, screening), screening, question.text)
        setting = Setting.of(question, conversation, careful=_careful(conversation))
        reply = self._composer.compose(decided.decision, setting, (_heard(screening), *decided.reasons))
        reply = replace(reply, screening=screening)
        after = _remember(conversation, reply)
        if len(decided.named) > 1:
            after = replace(after, listed=decided.named)
        if screening.level is Level.DISTRESS and not isinstance(reply, Silence):
            gentle, memory = gentle_line(screening, conversation.support, question.now, self.safety, question.country)
            return replace(reply, gentle=gentle), replace(after, support=memory)
        return reply, after

    def _barrier(self, question: Question, conversation: Conversation) -> Barrier | None:
        """A worry about asking for help, said to the bot after support was shown, and about no page."""
        if not conversation.support.level.is_alarm or question.mode is not Mode.ADDRESSED:
            return None
        barrier = self._barriers.of(question.text)
        return None if barrier and self.mind.index.reader.read(question.text).covered else barrier

    def _alarms_alone(self, question: Question) -> bool:
        """Whether a rule alarms at this message without the one before, for which support was shown already."""
        alone = self._screen.screen(question.text, "", question.mode)
        return alone.level.is_alarm and alone.rules != (LEARNED,)

    def _screened(self, question: Question, conversation: Conversation) -> Screening:
        """What is heard, and whether the writer is young, which may have been said some messages ago."""
        heard = self._screen.screen(question.text, conversation.previous, question.mode)
        return replace(heard, minor=True) if conversation.support.minor else heard

    def _decide(self, question: Question, conversation: Conversation, screening: Screening) -> Decided:
        if screening.foreign and question.mode is Mode.ADDRESSED:
            reading = self.mind.index.reader.read(question.text)
            if reading.covered:
                return decide_named(self.mind, question, conversation)
            if self.mind.index.space.coverage(reading.plain) < _ENGLISH:
                return Decided(NotKnown("language"))
        return decide(self.mind, question, conversation)

    def _support(
        self, question: Question, conversation: Conversation, screening: Screening
    ) -> tuple[Reply, Conversation]:
        support, memory = compose_support(
            screening, conversation.support, question.now, question.country, self.safety, (_heard(screening),)
        )
        after = replace(conversation, support=memory, offered=())
        answer = self._beside_support(question, conversation, screening)
        return (replace(support, answer=answer), _remember(after, answer)) if answer else (support, after)

    def _beside_support(self, question: Question, conversation: Conversation, screening: Screening) -> Answer | None:
        """A safe informational answer to go with support: sure, and about no toxicity, interaction or caution."""
        if screening.level is Level.EMERGENCY or "?" not in question.text:
            return None
        try:
            decision = decide(self.mind, question, conversation).decision
            if not isinstance(decision, AnswerWith) or decision.confidence < _SURE_BESIDE_SUPPORT:
                return None
            reply = self._composer.answer(decision, Setting.of(question, conversation, careful=True), ())
        except Exception:
            return None
        return reply if isinstance(reply, Answer) else None

    def _after_fault(
        self, question: Question, conversation: Conversation, screening: Screening, fault: Exception
    ) -> tuple[Reply, Conversation]:
        why = (_heard(screening), Reason("pipeline", "fault", (type(fault).__name__,)))
        if screening.level.is_alarm:
            support, memory = compose_support(
                screening, conversation.support, question.now, question.country, self.safety, why
            )
            return support, replace(conversation, support=memory)
        if question.mode is Mode.OVERHEARD:
            return Silence(reason="fault", screening=screening, why=why), conversation
        return replace(self._composer.unknown(NotKnown("fault"), why), screening=screening), conversation

    # --- doors beside free text: buttons, autocomplete, commands -------------------------------------------------

    def show(
        self,
        entry: str,
        facet: Facet | None,
        now: datetime,
        country: str | None = None,
        conversation: Conversation = NEW,
    ) -> tuple[Reply, Conversation]:
        """One entry's facet, as a button or a picked name asks for it. An entry that is gone gets a calm answer."""
        decision, why = AnswerWith((Target(entry, facet),), confidence=1.0), (Reason("door", "show", (entry,)),)
        return _asked_outright(
            lambda setting: self._composer.answer(decision, setting, why), now, country, conversation
        )

    def define(
        self, text: str, now: datetime, country: str | None = None, conversation: Conversation = NEW
    ) -> tuple[Reply, Conversation]:
        """The page of a name: an exact name first, then like any question, but one that leans on nothing said before.
        Screened like any message."""
        question = Question(text, now, country=country)
        conversation = remembered(conversation, now)
        if not self._screen.screen(text, conversation.previous).level.is_alarm:
            named = self._completer.exact(text)
            if named is not None:
                return self.show(named, Facet.OVERVIEW, now, country, conversation)
        reply, after = self.reply(question, replace(conversation, topics=(), facet=None, offered=(), listed=()))
        if isinstance(reply, Answer) and self._is_a_name(text):
            return self.show(reply.passages[0].entry, Facet.OVERVIEW, now, country, conversation)
        return reply, after

    def _is_a_name(self, text: str) -> bool:
        """Whether there is nothing in ``text`` but names."""
        return all(word.startswith("@") for word in self.mind.index.reader.read(text).plain)

    def compare(
        self,
        entries: tuple[str, ...],
        now: datetime,
        facet: Facet | None = None,
        country: str | None = None,
        conversation: Conversation = NEW,
    ) -> tuple[Reply, Conversation]:
        """Two or three entries side by side."""
        these, why = CompareThese(entries[:3], facet, 1.0), (Reason("door", "compare", entries),)
        return _asked_outright(
            lambda setting: self._composer.comparison(these, setting, why), now, country, conversation
        )

    def pair(
        self,
        members: tuple[str, str],
        now: datetime,
        country: str | None = None,
        conversation: Conversation = NEW,
    ) -> tuple[Reply, Conversation]:
        """Taking one thing with another, as a button asks for it."""
        decision = PairWith(members, self.mind.substances.rows(*members), confidence=1.0)
        why = (Reason("door", "pair", members),)
        return _asked_outright(
            lambda setting: self._composer.compose(decision, setting, why), now, country, conversation
        )

    def complete(self, typed: str, limit: int = 25) -> tuple[Link, ...]:
        """Entries whose titles or names begin like, or are nearest to, what was typed; best first."""
        return self._completer.complete(typed, limit)


def _asked_outright(
    compose: Callable[[Setting], Reply], now: datetime, country: str | None, conversation: Conversation
) -> tuple[Reply, Conversation]:
    """What a button or a command asks for, composed within the conversation; there are no words to screen."""
    conversation = remembered(conversation, now)
    reply = compose(Setting(country, now.date(), conversation.notices, _careful(conversation)))
    return reply, replace(_remember(conversation, reply), at=now)


def remembered(conversation: Conversation, now: datetime) -> Conversation:
    """The conversation, or a new one when the last word lies further back than :data:`MEMORY`."""
    if conversation.at is None:
        return conversation
    if abs(now - conversation.at) <= MEMORY:
        return conversation
    return replace(NEW, support=conversation.support) if abs(now - conversation.at) <= 2 * MEMORY else NEW


def _kindly(decided: Decided, screening: Screening, text: str) -> Decided:
    """Somebody in distress who named nothing is not told that there is no page, nor asked which was hardly meant."""
    match decided.decision:
        case AskBack() as asked:
            unsure = asked.confidence < _EVEN or not intent.asks_something(text)
        case NotKnown() as unknown:
            unsure = unknown.reason == "not-found"
        case _:
            unsure = False
    if screening.level is not Level.DISTRESS or not unsure or decided.named:
        return decided
    return replace(decided, decision=NotKnown("distress"))


def _careful(conversation: Conversation) -> bool:
    return conversation.support.level.rank >= Level.CRISIS.rank


def _heard(screening: Screening) -> Reason:
    return Reason("screening", screening.level.value, screening.rules)


def _remember(conversation: Conversation, reply: Reply) -> Conversation:
    """What the next message may lean on."""
    facet: Facet | None
    match reply:
        case Answer(passages=passages, notices=notices):
            topics = tuple(part.entry for part in passages)
            facet = passages[0].asked or passages[0].facet
        case Comparison(entries=entries, notices=notices):
            topics = tuple(link.entry for link in entries)
            facet = None
        case Pairing(entries=entries_, notices=notices):
            topics, facet = entries_, Facet.INTERACTIONS
        case Choices(options=options):
            likeliest = tuple(dict.fromkeys((options[0].entry, *conversation.topics)))[:MOST_TOPICS]
            return replace(
                conversation,
                topics=likeliest,
                offered=options,
                offered_facet=conversation.facet,
                listed=tuple(link.entry for link in options),
            )
        case Support() | Silence():
            return conversation
        case _:
            return replace(conversation, offered=offered_links(reply))
    kept = tuple(dict.fromkeys((*topics, *conversation.topics)))[:MOST_TOPICS]
    shown = conversation.notices | {notice.id for notice in notices}
    return replace(
        conversation,
        topics=kept,
        facet=facet,
        offered=(),
        offered_facet=None,
        listed=topics if len(topics) > 1 else conversation.listed if topics[0] in conversation.listed else (),
        notices=shown,
    )


__all__ = ["CALM", "Answerer", "remembered"]

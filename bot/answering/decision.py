"""Decision: answer, ask back, compare, combine, redirect, decline or stay silent, as ids and figures.

The order is fixed: what was picked from an offered list; look-alike names; two things taken together; things put side
by side; two questions in one message; and only then one question, answered when its calibrated confidence reaches
the bar of the entry's stakes. What does not reach it is asked back or declined, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.answering import intent
from bot.answering.facets import FacetIndex, FacetWeights, build_facets, guess_facet
from bot.answering.index import REDIRECT, TALK, Index, build_index
from bot.answering.lookalikes import unsure_names
from bot.answering.matching import Ranking, Weights, rank, shipped_data, weights_from
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
from bot.answering.pairs import Substances, build_substances
from bot.answering.reading import Reading
from bot.answering.signals import Context, explained
from bot.knowledge.model import Facet, Kind, Knowledge, Stakes

_MOST_CHOICES: Final = 4
_MOST_TOGETHER: Final = 4
_UNHEARD: Final = 0.02
_PLAIN_WORDS: Final = 16
_PLAINLY: Final = 0.5
_SURE_TYPO: Final = 0.75


_NOT_PLAIN: Final = (Facet.OVERVIEW, Facet.STOPPING)
ANY_ANTIDEPRESSANT: Final = "antidepressant"
"""The entry that stands for antidepressants as a whole."""


@dataclass(frozen=True, slots=True)
class Bars:
    """How sure a step must be, as calibrated probabilities; stored with the weights."""

    answer: Mapping[Stakes, float]
    redirect: float
    talk: float
    choice: float
    choices_together: float
    overheard: float
    second: float
    side: float
    aside: float

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Bars:
        """Read bars by name."""
        answer = {stakes: float(data[f"answer-{stakes.value}"]) for stakes in Stakes}
        return cls(
            answer,
            *(
                float(data[name])
                for name in ("redirect", "talk", "choice", "choices-together", "overheard", "second", "side", "aside")
            ),
        )


@dataclass(frozen=True, slots=True)
class Mind:
    """One knowledge made ready to be asked: all indexes and weights. Built once, read-only."""

    knowledge: Knowledge
    index: Index
    facets: FacetIndex
    substances: Substances
    weights: Weights
    facet_weights: FacetWeights
    bars: Bars


def build_mind(knowledge: Knowledge, data: Mapping[str, Any] | None = None) -> Mind:
    """Everything that answering looks up; ``data`` are weights as :func:`bot.answering.matching.shipped_data` gives them."""
    data = shipped_data() if data is None else data
    index = build_index(knowledge)
    return Mind(
        knowledge=knowledge,
        index=index,
        facets=build_facets(knowledge, index.reader, index.word_vectors, index.piece_weights),
        substances=build_substances(knowledge),
        weights=weights_from(data),
        facet_weights=FacetWeights.from_data(data["facets"]),
        bars=Bars.from_data(data["bars"]),
    )


@dataclass(frozen=True, slots=True)
class Thought:
    """One question, read and ranked."""

    reading: Reading
    ranking: Ranking
    carried: bool = False

    @property
    def best(self) -> Candidate | None:
        """The likeliest target."""
        return self.ranking.candidates[0] if self.ranking.candidates else None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision and the reasons for it."""

    decision: Decision
    reasons: tuple[Reason, ...] = ()


def decide(mind: Mind, question: Question, conversation: Conversation) -> Decided:
    """What to do about ``question``. Pure; never looks at safety, which was settled before."""
    if not mind.index.targets or not intent.words_of(question.text).words:
        return Decided(StaySilent("no-words") if question.mode is Mode.OVERHEARD else NotKnown("empty"))
    picked = _picked(mind, question, conversation)
    if picked is not None:
        return Decided(picked, (Reason("decision", "picked"),))
    thought = think(mind, question.text, conversation)
    reasons = (_names_reason(thought), *thought.ranking.reasons)
    for step in (_look_alike, _pair, _comparison, _topic_and_facet, _two_questions):
        decision = step(mind, question, conversation, thought)
        if decision is not None:
            return Decided(_heard(mind, question, decision), (*reasons, Reason("decision", step.__name__.strip("_"))))
    decision, why = _single(mind, question, conversation, thought)
    return Decided(_heard(mind, question, decision), (*reasons, why))


def think(mind: Mind, text: str, conversation: Conversation) -> Thought:
    """Read and rank a message, with what was talked about before as its context."""
    parts = intent.parts_of(text)
    topic = intent.topic_in_mind(conversation)
    reading = mind.index.reader.read(text, has_topic=topic is not None)
    context = context_of(mind.index, reading, topic)
    ranking = rank(mind.index, reading, mind.weights, context=context)
    if intent.is_long(reading) and parts.asking != text:
        ranking = _either(
            ranking, rank(mind.index, mind.index.reader.read(parts.asking), mind.weights, context=context)
        )
    best = ranking.candidates[0].entry if ranking.candidates else None
    carried = context is not None and not reading.covered and best == topic
    return Thought(reading, ranking, carried)


def context_of(index: Index, reading: Reading, topic: str | None) -> Context | None:
    """The context that ``topic`` gives to a message, or ``None`` without a topic that is still known."""
    if topic is None or topic not in index.numbers:
        return None
    return Context(index.numbers[topic], index.reader.with_topic(reading, topic), intent.points_back(reading))


def _either(whole: Ranking, asking: Ranking) -> Ranking:
    """Two readings of one message as one: the mean of their probabilities."""
    merged: dict[str, Candidate] = {}
    for candidate in (*whole.candidates, *asking.candidates):
        known = merged.get(candidate.entry)
        shared = candidate.confidence / 2 + (known.confidence if known else 0.0)
        merged[candidate.entry] = replace(known or candidate, confidence=shared)
    ordered = tuple(sorted(merged.values(), key=lambda candidate: -candidate.confidence))
    return Ranking(ordered, (whole.nothing + asking.nothing) / 2, whole.reasons)


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


def _look_alike(mind: Mind, question: Question, conversation: Conversation, thought: Thought) -> Decision | None:
    """A misspelt name that could be two things is asked about; one that could only be something foreign is declined."""
    unsure = unsure_names(mind.index, thought.reading)
    if unsure is None:
        return None
    entries = tuple(dict.fromkeys(entry for hit in unsure if not hit.foreign for entry in hit.entries))[:_MOST_CHOICES]
    if not entries:
        return NotKnown("outside-look-alike", nearest=_nearest_of(unsure))
    return AskBack(entries, _facet(mind, thought, None), confidence=0.0, look_alike=True)


def _nearest_of(hits: Sequence[NameHit]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry for hit in hits for entry in hit.entries))[:1]


def _pair(mind: Mind, question: Question, conversation: Conversation, thought: Thought) -> Decision | None:
    """Two things taken together: asked for in one sentence that is not a long list of what was tried."""
    rambling = intent.is_long(thought.reading)
    for sentence in intent.combining_sentences(question.text):
        if rambling and "?" not in sentence:
            continue
        reading = mind.index.reader.read(sentence)
        members = tuple(dict.fromkeys(_members(mind, reading)))
        topic = intent.topic_in_mind(conversation)
        if (
            len(members) == 1
            and topic
            and topic not in members
            and intent.says_it(reading)
            and _is_takeable(mind, topic)
        ):
            members = (topic, *members)
        if 2 <= len(members) <= _MOST_TOGETHER:
            return _pair_of(mind, members) if not _has_page(mind, members) else None
    return None


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
        bool(mind.index.medicines[mind.index.numbers[member]]) or member in groups or member in mind.substances.groups
    )


def _comparison(mind: Mind, question: Question, conversation: Conversation, thought: Thought) -> Decision | None:
    """Things put side by side: names linked by a word that compares, or two sides that are each clear."""
    if _about_a_study(mind, thought):
        return None
    for sentence in intent.comparing_sentences(question.text):
        reading = mind.index.reader.read(sentence)
        surely = intent.surely_compares(reading)
        named = _entries_of(mind, intent.linked_names(reading))
        rambling = intent.is_long(thought.reading) and not (surely and "?" in sentence)
        if rambling:
            continue
        if len(named) >= 2 and (surely or not _plainly_other(mind, thought, named)):
            return CompareThese(named[:3], _facet(mind, thought, None), confidence=0.95)
        sides = _sides(mind, sentence, thought.ranking, mind.bars.aside if surely else 3 * mind.bars.aside)
        if (
            len(sides) == 2
            and not intent.is_long(thought.reading)
            and (surely or (len(reading.words) <= _PLAIN_WORDS and not _plainly_other(mind, thought, sides)))
        ):
            return CompareThese(sides, _facet(mind, thought, None), confidence=0.75)
    named = _entries_of(mind, thought.reading.covered)
    weighed = len(named) == 2 and intent.weighs_two(thought.reading) and _alike(mind, *named)
    if weighed and not _plainly_other(mind, thought, named):
        return CompareThese(named, _facet(mind, thought, None), confidence=0.75)
    return None


def _plainly_other(mind: Mind, thought: Thought, named: Sequence[str]) -> bool:
    """Whether the message is more likely about a page that is none of ``named``."""
    best = thought.best
    return best is not None and best.entry not in named and best.confidence >= _PLAINLY


def _alike(mind: Mind, left: str, right: str) -> bool:
    """Whether two entries are things of one sort: two single medicines, or two pages that point at each other."""
    if _is_one_medicine(mind, left) and _is_one_medicine(mind, right):
        return True
    entries = mind.knowledge.entries
    either = _is_one_medicine(mind, left) or _is_one_medicine(mind, right)
    return not either and right in entries[left].related and left in entries[right].related


def _is_one_medicine(mind: Mind, entry: str) -> bool:
    """Whether an entry is a single medicine or treatment, not a class of them."""
    classes = mind.knowledge.combinations.members
    return (
        bool(mind.index.medicines[mind.index.numbers[entry]]) and entry not in classes and entry != ANY_ANTIDEPRESSANT
    )


def _about_a_study(mind: Mind, thought: Thought) -> bool:
    """Whether the message speaks of a study and one article is clearly meant."""
    best = thought.best
    if best is None or mind.index.kinds[mind.index.numbers[best.entry]] is not Kind.ARTICLE:
        return False
    return intent.speaks_of_a_study(thought.reading) and best.confidence >= mind.bars.side


def _entries_of(mind: Mind, hits: Sequence[NameHit]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(hit.entries[0] for hit in hits if hit.entries and hit.entries[0] in mind.knowledge.entries)
    )


def _sides(mind: Mind, text: str, whole: Ranking, bar: float) -> tuple[str, ...]:
    """The two entries meant left and right of the word that compares, when both are clear.

    A side is read by itself, and its candidates count more when the whole message speaks of them too.
    """
    overall = {candidate.entry: candidate.confidence for candidate in whole.candidates}
    found: list[str] = []
    for side in intent.sides_of(text):
        ranking = rank(mind.index, mind.index.reader.read(side), mind.weights)
        known = [c for c in ranking.candidates if c.entry in mind.knowledge.entries and c.entry not in found]
        scored = [(c.confidence * (overall.get(c.entry, 0.0) + _UNHEARD) ** 0.5, c) for c in known]
        score, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
        if best is None or score < bar:
            return ()
        found.append(best.entry)
    return tuple(found)


def _topic_and_facet(mind: Mind, question: Question, conversation: Conversation, thought: Thought) -> Decision | None:
    """The plainest questions: one name and words that only ask for a facet, or such words about the topic before."""
    reading = thought.reading
    if explained(mind.index, reading) < 1.0 or len(reading.words) > _PLAIN_WORDS:
        return None
    named = _entries_of(mind, reading.covered)
    topic = intent.topic_in_mind(conversation)
    entry = named[0] if len(named) == 1 else topic if not named else None
    if entry is None or entry not in mind.knowledge.entries or not _is_one_medicine(mind, entry):
        return None
    if any(hit.edit is Edit.TYPO and hit.similarity < _SURE_TYPO for hit in reading.covered):
        return None
    guess = guess_facet(mind.facets, reading, mind.knowledge.entries[entry], mind.facet_weights)
    if not guess.worded or guess.facet not in mind.knowledge.entries[entry].facets or guess.facet in _NOT_PLAIN:
        return None
    return AnswerWith((Target(entry, guess.facet),), confidence=0.95, carried=not named)


def _two_questions(mind: Mind, question: Question, conversation: Conversation, thought: Thought) -> Decision | None:
    """Two questions of their own in one message, each sure enough by itself."""
    questions = intent.parts_of(question.text).questions
    if len(questions) < 2 or len(questions) > 6:
        return None
    targets: list[Target] = []
    sure: list[float] = []
    running = conversation
    for text in questions:
        part = think(mind, text, running)
        best = part.best
        if best is None or best.entry not in mind.knowledge.entries:
            continue
        confidence = mind.weights.calibrated(best.confidence)
        if confidence >= mind.bars.second:
            targets.append(Target(best.entry, _facet(mind, part, best.entry)))
            sure.append(confidence)
            running = replace(running, topics=(best.entry, *running.topics))
    distinct = tuple(dict.fromkeys(targets))
    if len({target.entry for target in distinct}) < 2:
        return None
    left = tuple(dict.fromkeys(target.entry for target in distinct[2:]))
    return AnswerWith(distinct[:2], confidence=min(sure), left_out=left)


def _single(mind: Mind, question: Question, conversation: Conversation, thought: Thought) -> tuple[Decision, Reason]:
    best = thought.best
    if best is None:
        return NotKnown("not-found"), Reason("decision", "nothing-ranked")
    confidence = mind.weights.calibrated(_with_kin(mind, thought.ranking))
    bar = _bar(mind, best.entry)
    reason = Reason(
        "decision", "single", (best.entry,), {"confidence": round(confidence, 3), "bar": bar, **best.shares}
    )
    if confidence >= bar:
        return _settled(mind, question, conversation, thought, best, confidence), reason
    return _unsettled(mind, thought, confidence), reason


def _with_kin(mind: Mind, ranking: Ranking) -> float:
    """The winner's probability; what its family took of the rest counts half, for a tie there is no ambiguity."""
    best = ranking.candidates[0]
    number = mind.index.numbers[best.entry]
    kin = {mind.index.targets[int(other)] for other in mind.index.families.get(number, ())}
    return min(1.0, best.confidence + 0.5 * sum(c.confidence for c in ranking.candidates[1:] if c.entry in kin))


def _bar(mind: Mind, target: str) -> float:
    if target.startswith(REDIRECT):
        return mind.bars.redirect
    if target.startswith(TALK):
        return mind.bars.talk
    return mind.bars.answer[mind.knowledge.entries[target].stakes]


def _settled(
    mind: Mind, question: Question, conversation: Conversation, thought: Thought, best: Candidate, confidence: float
) -> Decision:
    if best.entry.startswith(REDIRECT):
        return RedirectTo(best.entry.removeprefix(REDIRECT), confidence)
    if best.entry.startswith(TALK):
        return ChatBack(best.entry.removeprefix(TALK), confidence)
    facet = _facet(mind, thought, best.entry)
    if (
        facet is Facet.OVERVIEW
        and conversation.facet
        and intent.moves_on(thought.reading)
        and best.entry not in conversation.topics[:1]
    ):
        return AnswerWith((Target(best.entry, conversation.facet, inferred=True),), confidence, carried=True)
    return AnswerWith((Target(best.entry, facet),), confidence, carried=thought.carried)


def _unsettled(mind: Mind, thought: Thought, confidence: float) -> Decision:
    """Ask back when the likely pages together are likely enough; otherwise say that there is no answer."""
    outside = next((hit for hit in thought.reading.names if hit.foreign), None)
    likely = [c for c in thought.ranking.candidates if c.entry in mind.knowledge.entries][:_MOST_CHOICES]
    together = sum(c.confidence for c in likely)
    choices = tuple(c.entry for c in likely if c.confidence >= mind.bars.choice)
    if outside is not None and not thought.reading.covered:
        return NotKnown("outside", nearest=outside.entries[:1], outside=outside.alias)
    best = thought.best
    if best is not None and best.entry.startswith(REDIRECT) and best.confidence > together / 2:
        return RedirectTo(best.entry.removeprefix(REDIRECT), confidence)
    if together >= mind.bars.choices_together and choices and together > thought.ranking.nothing:
        return AskBack(choices, _facet(mind, thought, None), confidence)
    return NotKnown("not-found", nearest=tuple(c.entry for c in likely[:1]), confidence=confidence)


def _facet(mind: Mind, thought: Thought, entry: str | None) -> Facet | None:
    found = mind.knowledge.entries.get(entry) if entry else None
    guess = guess_facet(mind.facets, thought.reading, found, mind.facet_weights)
    return guess.facet


def _heard(mind: Mind, question: Question, decision: Decision) -> Decision:
    """An overheard message is answered only when it is plainly a question and plainly one of ours."""
    if question.mode is Mode.ADDRESSED:
        return decision
    sure = isinstance(decision, AnswerWith | CompareThese | PairWith) and decision.confidence >= mind.bars.overheard
    return decision if sure and intent.asks_something(question.text) else StaySilent("overheard")


def is_definition(mind: Mind, entry: str) -> bool:
    """Whether an entry is a glossary page."""
    found = mind.knowledge.entries.get(entry)
    return found is not None and found.kind is Kind.DEFINITION

"""Thinking: one knowledge made ready to be asked, and one message read and ranked with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

from bot.answering import intent
from bot.answering.facets import FacetGuess, FacetIndex, FacetWeights, Wording, build_facets, guess_facet, wording_of
from bot.answering.index import Index, index_of
from bot.answering.leaning import Leaning, shipped_leaning
from bot.answering.matching import Ranking, Weights, rank, shipped_data, weights_from
from bot.answering.model import Candidate, Conversation, NameHit, Question
from bot.answering.pairs import Substances, build_substances
from bot.answering.phrasings import OUTSIDE, REDIRECT, TALK, collect
from bot.answering.reading import Reading
from bot.answering.signals import Context
from bot.answering.text import Words, words_of
from bot.knowledge.model import Facet, Knowledge, Stakes

ANY_ANTIDEPRESSANT = "antidepressant"
"""The entry that stands for antidepressants as a whole."""
VERBATIM: Final = 0.98
"""How sure an answer is whose very words somebody said the page is for. No bar is higher."""


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
    aside: float
    """From which likelihood pages are put side by side."""
    either: float
    """From which it is at least asked which of them is meant."""
    later: float
    """What is asked beyond :attr:`answer` of a message that follows up on something: what it follows up on may have
    been misunderstood."""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Bars:
        """Read bars by name."""
        answer = {stakes: float(data[f"answer-{stakes.value}"]) for stakes in Stakes}
        single = (bar.name for bar in fields(cls) if bar.name != "answer")
        return cls(answer, **{name: float(data[name.replace("_", "-")]) for name in single})


@dataclass(frozen=True, slots=True)
class Mind:
    """One knowledge made ready to be asked: all indexes and weights. Built once, read-only."""

    knowledge: Knowledge
    index: Index
    facets: FacetIndex
    substances: Substances
    weights: Weights
    facet_weights: FacetWeights
    leaning: Leaning
    bars: Bars
    nicknames: Mapping[str, str] = field(default_factory=dict)
    """What entries are called for short where things are put side by side."""


def build_mind(knowledge: Knowledge, data: Mapping[str, Any] | None = None) -> Mind:
    """Everything that answering looks up; ``data`` are weights as they stand in ``weights.json``."""
    data = shipped_data() if data is None else data
    collected = collect(knowledge)
    index = index_of(collected)
    return Mind(
        knowledge=knowledge,
        index=index,
        facets=build_facets(
            knowledge,
            collected.wordings,
            index.reader,
            index.word_vectors,
            index.piece_weights,
        ),
        substances=build_substances(knowledge),
        weights=weights_from(data),
        facet_weights=FacetWeights.from_data(data["facets"]),
        leaning=shipped_leaning(),
        bars=Bars.from_data(data["bars"]),
        nicknames=nicknames_of(knowledge),
    )


def nicknames_of(knowledge: Knowledge) -> dict[str, str]:
    """The entry that each nickname is for, by its words."""
    return {
        " ".join(words_of(name).words): entry
        for entry, names in knowledge.vocabulary.nicknames.items()
        for name in names
        if entry in knowledge.entries
    }


@dataclass(frozen=True, slots=True)
class Thought:
    """One question, read and ranked."""

    reading: Reading
    ranking: Ranking
    carried: bool = False
    wording: Wording | None = None
    """What the wording says of facets, where it was looked up already."""

    @property
    def best(self) -> Candidate | None:
        """The likeliest target."""
        return self.ranking.candidates[0] if self.ranking.candidates else None


@dataclass(frozen=True, slots=True)
class Case:
    """All that the steps of a decision look at. What one step read, the next need not read again."""

    mind: Mind
    question: Question
    conversation: Conversation
    thought: Thought
    _read: dict[str, Reading] = field(default_factory=dict, compare=False, repr=False)
    _mended: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    _wording: list[Wording] = field(default_factory=list, compare=False, repr=False)

    @property
    def topic(self) -> str | None:
        """The entry that was talked about last, if any."""
        return intent.topic_in_mind(self.conversation)

    @property
    def rambles(self) -> bool:
        """Whether the message is long."""
        return intent.is_long(self.thought.reading)

    def read(self, sentence: str) -> Reading:
        """A part of the message, read by itself."""
        if sentence not in self._read:
            whole = self.topic is None and sentence == self.question.text
            self._read[sentence] = self.thought.reading if whole else self.mind.index.reader.read(sentence)
        return self._read[sentence]

    def mended(self, part: str) -> str:
        """The message, or a part of it, with its everyday words mended."""
        if part not in self._mended:
            self._mended[part] = self.mind.index.reader.mended(part)
        return self._mended[part]

    def facet(self, entry: str | None) -> Facet:
        """The facet that the wording asks for; with an entry its own text helps."""
        return self.guess(entry).facet

    def guess(self, entry: str | None) -> FacetGuess:
        """The same, with how plainly it is asked for."""
        if not self._wording:
            self._wording.append(self.thought.wording or wording_of(self.mind.facets, self.thought.reading))
        return _guess(self.mind, self._wording[0], entry)

    def bar(self, target: str) -> float:
        """How sure the page or other target must be to be answered with, here in this talk."""
        bars = self.mind.bars
        if target.startswith(REDIRECT):
            return bars.redirect
        if target.startswith((TALK, OUTSIDE)):
            return bars.talk
        later = bars.later if self.topic is not None else 0.0
        return min(bars.answer[self.mind.knowledge.entries[target].stakes] + later, VERBATIM)

    def entries_of(self, hits: Sequence[NameHit]) -> tuple[str, ...]:
        """The entries that names lead to, each once."""
        known = self.mind.knowledge.entries
        return tuple(dict.fromkeys(hit.entries[0] for hit in hits if hit.entries and hit.entries[0] in known))

    def is_one_medicine(self, entry: str) -> bool:
        """Whether an entry is a single medicine or treatment, not a class of them."""
        classes = self.mind.knowledge.combinations.members
        medicine = bool(self.mind.index.medicines[self.mind.index.numbers[entry]])
        return medicine and entry not in classes and entry != ANY_ANTIDEPRESSANT


def facet_of(mind: Mind, reading: Reading, entry: str | None) -> Facet:
    """The facet that a message asks for; with an entry its own text helps."""
    return _guess(mind, wording_of(mind.facets, reading), entry).facet


def _guess(mind: Mind, wording: Wording, entry: str | None) -> FacetGuess:
    found = mind.knowledge.entries.get(entry) if entry else None
    return guess_facet(mind.facets, wording, found, mind.facet_weights)


def think(mind: Mind, words: Words, conversation: Conversation) -> Thought:
    """Read and rank a message, with what was talked about before as its context."""
    topic = intent.topic_in_mind(conversation)
    reading = mind.index.reader.read_words(words, has_topic=topic is not None)
    wording = wording_of(mind.facets, reading) if topic in mind.index.numbers else None
    context = context_of(mind, reading, conversation.topics, wording) if wording else None
    ranking = rank(mind.index, reading, mind.weights, context=context)
    best = ranking.candidates[0].entry if ranking.candidates else None
    carried = context is not None and not reading.covered and best == topic
    return Thought(reading, ranking, carried, wording)


def context_of(mind: Mind, reading: Reading, topics: Sequence[str], wording: Wording) -> Context:
    """The context that ``topics``, the latest first and still known, give to a message."""
    numbers = mind.index.numbers
    return Context(
        topic=numbers[topics[0]],
        earlier=tuple(numbers[topic] for topic in topics[1:] if topic in numbers),
        filled=mind.index.reader.with_topic(reading, topics[0]),
        points=intent.points_back(reading),
        leaning=mind.leaning,
        asked=_guess(mind, wording, None),
    )
